/** One event told in a few lines: what was done, where, why, and the facts kept with it. HTML. */
import { html } from 'ghtml';
import type { AuditEvent } from '../audit-store/index.ts';
import type { Amounts } from './amounts.ts';
import { dayAndTime, timeTag } from './moment.ts';
import { shown } from './shown.ts';
import { actionWords, endingWords } from './words.ts';

export type Telling = { readonly zone: string; readonly amounts: Amounts };

export function whatHappened(event: AuditEvent, telling: Telling, mostFacts = 6): string {
  const call = [event.method, event.path].filter((part) => part !== null).join(' ');
  // Who ended a session is part of how it ended.
  const facts = Object.entries(event.details).filter(
    ([name, value]) => value !== null && !/^by_(id|name)$/.test(name),
  );
  const more = facts.length - mostFacts;
  return html`<div class="what">
    !${headline(event)} !${event.reason ? html`<q class="reason">!${shown(event.reason, 250)}</q>` : ''}
    !${call ? html`<code>!${shown(call, 72)}</code>` : ''}
    !${
      facts.length > 0
        ? html`<ul class="facts">
            !${facts.slice(0, mostFacts).map(([name, value]) => fact(name, value, event, telling))}!${more > 0 ? html`<li>and ${more} more</li>` : ''}
          </ul>`
        : ''
    }
  </div>`;
}

function headline(event: AuditEvent): string {
  const action = event.action === null ? '' : shown(actionWords(event.action), 60);
  switch (event.event) {
    case 'start':
      return html`<strong>Started acting</strong>`;
    case 'stop':
    case 'expired':
      return html`<strong>Ended:</strong> <span>!${shown(endingWords(event), 60)}</span>`;
    case 'blocked':
      return html`<strong>!${action || 'Something off-limits'}:</strong>
        <span>tried, and not let through</span>`;
    case 'action':
      // What the market answered is all we know; whether it did a part of it before, we do not.
      return (event.statusCode ?? 0) >= 400
        ? html`<strong>!${action || 'Change'}:</strong> <span>answered with an error</span>`
        : html`<strong>!${action || 'Change'}</strong>`;
  }
}

function fact(
  name: string,
  value: AuditEvent['details'][string],
  event: AuditEvent,
  { zone, amounts }: Telling,
): string {
  const instant = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  const words = Number.isNaN(instant)
    ? shown(amounts(event, name) ?? String(value), 80)
    : timeTag(instant, dayAndTime(instant, zone));
  return html`<li><span>!${shown(actionWords(name), 40)}:</span> !${words}</li>`;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
