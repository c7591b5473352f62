/** One session told from beginning to end: who, for whom, why, how it ended, every event, and the finer trace. HTML. */
import { html } from 'ghtml';
import type { AuditEvent, DecisionNote } from '../audit-store/index.ts';
import { AUDIT_PATH } from './address.ts';
import type { Amounts } from './amounts.ts';
import { eventBadge, outcomeBadge } from './badge.ts';
import type { LiveSession } from './deps.ts';
import { decisionTrace } from './decision-trace.ts';
import { someone } from './event-table.ts';
import { page } from './layout.ts';
import { dayAndTime, duration, timeOfDay, timeTag } from './moment.ts';
import type { Scope } from './scope.ts';
import { sectionsAt } from './sections.ts';
import { plain, shown } from './shown.ts';
import { whatHappened, type Telling } from './what-happened.ts';
import { endingWords } from './words.ts';
import type { Zone } from './zone.ts';

export type SessionPageView = {
  readonly scope: Scope;
  readonly sessionId: string;
  /** Oldest first; never empty. */
  readonly events: readonly [AuditEvent, ...AuditEvent[]];
  readonly decisions: readonly DecisionNote[];
  readonly decisionCount: number;
  /** The session itself while it is still going on. */
  readonly live: LiveSession | null;
  readonly zone: Zone;
  readonly amounts: Amounts;
  readonly now: number;
};

export function sessionPage(view: SessionPageView): string {
  const { events, decisions, decisionCount, zone, scope } = view;
  const [first] = events;
  const blocked = events.filter((event) => event.event === 'blocked').length;
  const body = html`<nav class="crumbs" aria-label="Where you are">
      <a href="${AUDIT_PATH}">Audit log</a> <span aria-hidden="true">/</span> Session
    </nav>
    <div class="heading">
      <h1>
        !${shown(first.actor.name, 60)}
        <span class="quiet">acting for</span> !${shown(first.subject.name, 60)}
      </h1>
      <p>Times are ${zone.words}.</p>
    </div>
    !${summary(view)}
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      !${blocked > 0 ? html`<p class="notice">${blocked === 1 ? 'One off-limits action was' : `${blocked} off-limits actions were`} tried in this session. Nothing of it reached the account.</p>` : ''}
      <ol class="timeline card">
        !${events.map((event) => moment(event, { zone: zone.name, amounts: view.amounts }))}
      </ol>
    </section>
    !${decisionTrace(decisions, decisionCount, zone.name)}`;
  const title = `${plain(first.actor.name)} acting for ${plain(first.subject.name)}`;
  return page({ title, person: scope.person, sections: sectionsAt('log'), body });
}

function summary(view: SessionPageView): string {
  const { events, sessionId, zone, live } = view;
  const [first] = events;
  const start = events.find((event) => event.event === 'start') ?? first;
  return html`<section class="card summary" aria-label="Summary">
    <dl>
      !${line('Manager', someone(start.actor))} !${line('Shopper', someone(start.subject))}
      !${line('Market', shown(start.market?.name ?? 'None', 60))}
      !${line('Reason', start.reason ? html`<q class="reason">!${shown(start.reason, 500)}</q>` : html`<span class="quiet">None was given</span>`)}
      !${line('Started', timeTag(start.createdAt, dayAndTime(start.createdAt, zone.name)))}
      !${line('Ended', ending(view, start))}
      !${line('From address', start.ipAddress ? html`<code>!${shown(start.ipAddress, 60)}</code>` : 'Not known')}
      !${line('Browser', start.userAgent ? shown(start.userAgent, 120) : 'Not known')}
      !${line('Session', html`<code>!${shown(sessionId, 64)}</code>`)}
    </dl>
    !${live ? stopForm(sessionId, `${plain(start.actor.name)} acting for ${plain(start.subject.name)}`.slice(0, 200)) : ''}
  </section>`;
}

function line(name: string, value: string): string {
  return html`<div>
    <dt>${name}</dt>
    <dd>!${value}</dd>
  </div>`;
}

function ending({ events, live, zone, now }: SessionPageView, start: AuditEvent): string {
  const end = events.findLast((event) => event.event === 'stop' || event.event === 'expired');
  if (end) {
    const at = endedAt(end);
    const lasted = duration(at - start.createdAt);
    return html`!${timeTag(at, dayAndTime(at, zone.name))}: !${shown(endingWords(end), 80)}
      <span class="quiet">(lasted ${lasted})</span>`;
  }
  if (!live) return html`No end is on the record yet`;
  const until = Math.min(live.idleExpiresAt, live.absoluteExpiresAt);
  return html`Still going on, for ${duration(now - start.createdAt)}; ends at
  !${timeTag(until, timeOfDay(until, zone.name))} unless they go on`;
}

/** A timeout is written down when somebody notices, a little after the fact. */
function endedAt(end: AuditEvent): number {
  const noted = Date.parse(String(end.details['ended_at']));
  return Number.isNaN(noted) ? end.createdAt : noted;
}

function stopForm(sessionId: string, who: string): string {
  return html`<form method="post" action="/_act-as/sessions/${encodeURIComponent(sessionId)}/stop">
    <button class="button danger" aria-label="Stop ${who}">Stop</button>
  </form>`;
}

function moment(event: AuditEvent, telling: Telling): string {
  const id =
    event.requestId === null ? '' : html`<span>request <code>!${shown(event.requestId, 40)}</code></span>`;
  const rule = event.rule === null ? '' : html`<span>rule <code>!${shown(event.rule, 40)}</code></span>`;
  const status = event.statusCode === null ? '' : html`<span>status ${event.statusCode}</span>`;
  return html`<li id="event-${event.seq}" class="is-${event.event} ended-${event.outcome}">
    <div class="when">
      !${timeTag(event.createdAt, timeOfDay(event.createdAt, telling.zone))}
      <div class="badges">!${eventBadge(event.event)} !${outcomeBadge(event.outcome)}</div>
    </div>
    <div>
      !${whatHappened(event, telling, 24)}
      <p class="fine quiet">!${[status, rule, id].filter((part) => part !== '').join(' ')}</p>
    </div>
  </li>`;
}
