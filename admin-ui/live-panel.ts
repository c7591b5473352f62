/** Who is acting for whom at this moment, each with a button that ends it. HTML. */
import { html } from 'ghtml';
import { sessionAddress } from './address.ts';
import type { LiveSession } from './deps.ts';
import { dayAndTime, duration, timeOfDay, timeTag } from './moment.ts';
import { plain, shown } from './shown.ts';

export type LivePanelView = {
  /** Null when nobody could say. */
  readonly sessions: readonly LiveSession[] | null;
  readonly zone: string;
  readonly now: number;
  readonly withMarket: boolean;
};

export function livePanel(view: LivePanelView): string {
  const { sessions } = view;
  const count = sessions?.length ?? 0;
  return html`<section class="live card !${count > 0 ? 'busy' : ''}" aria-labelledby="live-title">
    <h2 id="live-title">
      Right
      now!${count > 0 ? html` <span class="count">${count}<span class="unseen"> live</span></span>` : ''}
    </h2>
    !${content(view)}
  </section>`;
}

function content(view: LivePanelView): string {
  if (view.sessions === null)
    return html`<p class="wrong">
      Live sessions cannot be shown at the moment. The log below is not affected.
    </p>`;
  if (view.sessions.length === 0) return html`<p class="quiet">Nobody is acting for a customer.</p>`;
  return html`<ul class="sessions">
    !${view.sessions.map((session) => item(session, view))}
  </ul>`;
}

function item(session: LiveSession, { zone, now, withMarket }: LivePanelView): string {
  const who = `${plain(session.actor.name)} acting for ${plain(session.subject.name)}`.slice(0, 200);
  return html`<li>
    <div class="about">
      <p class="pair">
        <strong title="${plain(session.actor.email)}">!${shown(session.actor.name, 40)}</strong> is acting for
        <strong title="${plain(session.subject.email)}">!${shown(session.subject.name, 40)}</strong
        >!${withMarket ? html` <span class="quiet">in !${shown(session.market?.name ?? 'no market', 40)}</span>` : ''}
      </p>
      !${session.reason ? html`<p><q class="reason">!${shown(session.reason, 250)}</q></p>` : ''}
      <p class="quiet">
        Since !${timeTag(session.startedAt, dayAndTime(session.startedAt, zone))}
        (${duration(now - session.startedAt)}). !${expiry(session, zone)}
      </p>
    </div>
    <div class="doing">
      <a href="${sessionAddress(session.id)}" aria-label="Timeline of ${who}">Timeline</a>
      <form method="post" action="/_act-as/sessions/${encodeURIComponent(session.id)}/stop">
        <button class="button danger" aria-label="Stop ${who}">Stop</button>
      </form>
    </div>
  </li>`;
}

function expiry({ idleExpiresAt, absoluteExpiresAt }: LiveSession, zone: string): string {
  const latest = timeTag(absoluteExpiresAt, timeOfDay(absoluteExpiresAt, zone));
  if (idleExpiresAt >= absoluteExpiresAt) return html`Ends at !${latest} at the latest.`;
  const idle = timeTag(idleExpiresAt, timeOfDay(idleExpiresAt, zone));
  return html`Ends at !${idle} unless they go on, and at !${latest} at the latest.`;
}
