/** Turns a decision that forbids into the refusal that people and programs read. */
import type { Decided } from './decide.ts';
import type { Parts } from './parts.ts';
import { refusal, type Refusal } from './refusal.ts';

/** The refusal that a decision is, or null where the request goes on. */
export function refusedBy({ decision, session }: Decided, parts: Parts): Refusal | null {
  const names = { subject: session.subject.name, actor: session.actor.name };
  switch (decision.effect) {
    case 'block':
      return {
        ...refusal('blocked', {
          ...names,
          ...labelled(decision.rule, parts),
          ...explained(decision.missed),
          fault: decision.rule ?? decision.reason,
        }),
        ...(decision.sendBack && decision.rule !== null ? { sendsBack: decision.rule } : {}),
      };
    case 'confirm':
      return refusal('confirm', names);
    case 'pause':
      return refusal(decision.reason === 'not_locked' ? 'not_locked' : 'paused', names);
    case 'audit':
    case 'allow':
      return null;
  }
}

/** Whoever is nearly permitted something is told what is wrong with it: in the words of the rule's author, where it has some. */
function explained(missed: Decided['decision']['missed']): { readonly detail?: string } {
  if (missed === null) return {};
  if (missed.message !== undefined)
    return { detail: `${missed.message} Nothing was changed; the attempt was recorded.` };
  return { detail: `{what} isn’t available like this: ${missed.why}. The attempt was recorded.` };
}

function labelled(rule: string | null, parts: Parts): { readonly what?: string } {
  const what = rule === null ? null : parts.policy().labelOf(rule);
  return what === null ? {} : { what };
}
