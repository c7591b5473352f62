/** One event told in a few lines: what was done, where, why, and the facts kept with it. HTML. */
import { html } from 'ghtml';
import type { AuditEvent } from '../audit-store/index.ts';
import { shown } from './shown.ts';
import { actionWords, endingWords } from './words.ts';

export function whatHappened(event: AuditEvent, mostFacts = 6): string {
  const call = [event.method, event.path].filter((part) => part !== null).join(' ');
  const facts = Object.entries(event.details).filter(([, value]) => value !== null);
  const more = facts.length - mostFacts;
  return html`<div class="what">
    !${headline(event)} !${event.reason ? html`<q class="reason">!${shown(event.reason, 250)}</q>` : ''}
    !${call ? html`<code>!${shown(call, 72)}</code>` : ''}
    !${
      facts.length > 0
        ? html`<ul class="facts">
            !${facts.slice(0, mostFacts).map(fact)}!${more > 0 ? html`<li>and ${more} more</li>` : ''}
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
      return html`<strong>!${action || 'Changed something'}</strong>`;
  }
}

function fact([name, value]: readonly [string, string | number | boolean | null]): string {
  return html`<li><span>!${shown(actionWords(name), 40)}:</span> !${shown(String(value), 80)}</li>`;
}
