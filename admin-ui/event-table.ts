/** The rows of the record as a table, a day at a time, newest first; on a narrow screen each row becomes a card. HTML. */
import { html } from 'ghtml';
import type { AuditEvent, AuditPerson } from '../audit-store/index.ts';
import { sessionAddress } from './address.ts';
import { eventBadge, outcomeBadge } from './badge.ts';
import { dayOf, longDay, timeOfDay, timeTag } from './moment.ts';
import { plain, shown } from './shown.ts';
import { whatHappened, type Telling } from './what-happened.ts';

type Look = Telling & { readonly withMarket: boolean; readonly caption: string };

export function eventTable(events: readonly AuditEvent[], look: Look): string {
  const days = Map.groupBy(events, (event) => dayOf(event.createdAt, look.zone));
  const columns = ['Time', 'Event', 'Outcome', 'Manager', 'Shopper', ...(look.withMarket ? ['Market'] : [])];
  const all = [...columns, 'What happened', 'Status', 'Session'];
  // Roles are spelt out because a table laid out as cards would lose them.
  return html`<table class="events" role="table">
    <caption class="quiet">
      ${look.caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        !${all.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}
      </tr>
    </thead>
    !${[...days.values()].map((rows) => day(rows, all.length, look))}
  </table>`;
}

function day(events: readonly AuditEvent[], columns: number, look: Look): string {
  const title = longDay(events[0]?.createdAt ?? 0, look.zone);
  return html`<tbody role="rowgroup">
    <tr role="row" class="day">
      <th role="rowheader" scope="rowgroup" colspan="${columns}">${title}</th>
    </tr>
    !${events.map((event) => row(event, look))}
  </tbody>`;
}

function row(event: AuditEvent, look: Look): string {
  const { zone, withMarket } = look;
  const who = `${plain(event.actor.name)} acting for ${plain(event.subject.name)}`;
  return html`<tr role="row" id="event-${event.seq}" class="is-${event.event} ended-${event.outcome}">
    <th role="rowheader" scope="row" data-label="Time">
      !${timeTag(event.createdAt, timeOfDay(event.createdAt, zone))}
    </th>
    <td role="cell" data-label="Event">!${eventBadge(event.event)}</td>
    <td role="cell" data-label="Outcome">!${outcomeBadge(event.outcome)}</td>
    <td role="cell" data-label="Manager">!${someone(event.actor)}</td>
    <td role="cell" data-label="Shopper">!${someone(event.subject)}</td>
    !${withMarket ? html`<td role="cell" data-label="Market">!${shown(event.market?.name ?? 'None', 40)}</td>` : ''}
    <td role="cell" data-label="What happened">!${whatHappened(event, look)}</td>
    <td role="cell" data-label="Status" class="status">
      !${event.statusCode === null ? html`<span class="quiet" title="Not an HTTP call">–</span>` : event.statusCode}
    </td>
    <td role="cell" data-label="Session">
      <a href="${sessionAddress(event.sessionId)}" aria-label="Timeline of ${who.slice(0, 200)}">Timeline</a>
    </td>
  </tr>`;
}

/** A person's name over their e-mail address; HTML. */
export function someone(person: AuditPerson): string {
  return html`<div class="someone">
    <span>!${shown(person.name, 40) || 'No name'}</span><span class="quiet">!${shown(person.email, 40)}</span>
  </div>`;
}
