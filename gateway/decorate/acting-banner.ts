/** The banner of someone who is acting: in whose seat, as whom, for how long yet, the cart's lock, and the ways out. */
import { html } from 'ghtml';
import type { ActingNotice } from './decoration.ts';

/**
 * Works as it stands, without a script; the script only makes the time run and the buttons quicker. The way out is the
 * first thing a keyboard reaches, and stands last in the bar.
 */
export function actingBanner(notice: ActingNotice, origin: string): string {
  const left = Math.min(notice.idleLeftMs, notice.absoluteLeftMs);
  const viewOnly = notice.mode === 'view' ? html`<span class="mode">View only</span>` : '';
  const news =
    notice.news === null ? '' : html`<p class="news" data-part="news" role="status">${notice.news}</p>`;
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
    !${notice.lock === null ? '' : lockForm(notice, origin)} !${waysOut(notice, origin)} !${news}
    <p class="unseen" data-part="announce" role="status"></p>
  </section>`;
}

function lockForm({ lock, subjectName }: ActingNotice, origin: string): string {
  const locked = lock === 'locked';
  return html`<form method="post" action="${origin}/_act-as/lock" target="_self" data-part="lock">
    <button type="submit" name="locked" value="${locked ? 'false' : 'true'}">
      ${locked ? 'Unlock cart' : 'Lock cart'}<span class="unseen"> of <bdi>${subjectName}</bdi></span>
    </button>
  </form>`;
}

/** Behind one's own name: be oneself again, leave the market, or go on to the next customer. */
function waysOut({ actorName }: ActingNotice, origin: string): string {
  return html`<details class="self" data-part="self">
    <summary><span class="unseen">Your own account, </span><bdi>${actorName}</bdi></summary>
    <div class="ways">
      <form method="post" action="${origin}/_act-as/stop" target="_self" data-part="stop">
        <button type="submit">Sign in as yourself</button>
      </form>
      <form method="post" action="${origin}/_act-as/stop" target="_self" data-part="sign-out">
        <button type="submit" name="sign_out" value="true">Sign out</button>
      </form>
      <form method="get" action="${origin}/_act-as/" target="_self" data-part="customer-service">
        <button type="submit">Customer Service</button>
      </form>
    </div>
  </details>`;
}

function minutesLeft(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  if (minutes < 1 || ms < 60_000) return 'less than a minute';
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
