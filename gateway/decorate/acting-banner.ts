/** The banner of someone who is acting: in whose seat, as whom, for how long yet, and the way out. */
import { html } from 'ghtml';
import type { ActingNotice } from './decoration.ts';

/** Works as it stands, without a script; the script only makes the time run and the button quicker. */
export function actingBanner(notice: ActingNotice, origin: string): string {
  const left = Math.min(notice.idleLeftMs, notice.absoluteLeftMs);
  const viewOnly = notice.mode === 'view' ? html`<span class="mode">View only</span>` : '';
  return html`<section class="bar acting" aria-label="Acting as someone else" data-part="acting">
    <p class="who">
      <span class="seat"
        >You are acting as <strong><bdi>${notice.subjectName}</bdi></strong></span
      >
      <span class="actor">(signed in as <bdi>${notice.actorName}</bdi>)</span>
      !${viewOnly}
    </p>
    <p class="left">
      <span class="clock" data-part="clock" aria-hidden="true"></span>
      <span data-part="left">${minutesLeft(left)} left</span>
    </p>
    <form method="post" action="${origin}/_act-as/stop" target="_self" data-part="stop">
      <button type="submit">Stop acting as <bdi>${notice.subjectName}</bdi></button>
    </form>
    <p class="unseen" data-part="announce" role="status"></p>
  </section>`;
}

function minutesLeft(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  if (minutes < 1 || ms < 60_000) return 'less than a minute';
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
