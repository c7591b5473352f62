/** Small labels whose meaning is in their text; colour only repeats it. HTML. */
import { html } from 'ghtml';
import type { AuditEventName, AuditOutcome } from '../audit-store/index.ts';
import { EVENT_MEANING, EVENT_WORDS, OUTCOME_WORDS } from './words.ts';

export function eventBadge(event: AuditEventName): string {
  return html`<span class="badge event-${event}" title="${EVENT_MEANING[event]}"
    >${EVENT_WORDS[event]}</span
  >`;
}

export function outcomeBadge(outcome: AuditOutcome): string {
  return html`<span class="badge outcome-${outcome}">${OUTCOME_WORDS[outcome]}</span>`;
}
