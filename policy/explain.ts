/** Says what would happen to a request, by which rule, and which others came close: the answer behind `policy explain`. */
import { askRequest } from './authoring/ask-request.ts';
import { made } from './authoring/made-person.ts';
import { mayAct, type MayAct } from './authoring/may-act.ts';
import { nearMisses, type NearMiss } from './authoring/near-misses.ts';
import type { Decision, Mode } from './decision.ts';
import type { SettledPath } from './path.ts';
import type { Person } from './person.ts';
import type { Policy, RuleMatch } from './policy.ts';

export type Question = {
  readonly side: 'acting' | 'assisted';
  readonly method: string;
  /** Path as a client would send it, with its query if it has one. */
  readonly target: string;
  readonly mode?: Mode;
  readonly actor?: Person;
  readonly subject?: Person;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is the body itself; anything else is sent as JSON. */
  readonly body?: unknown;
};

export type Explanation = {
  /** Whether there could be such a session; the answers below are about one that there is. */
  readonly mayAct: MayAct;
  readonly path: SettledPath;
  /** Null when the path has no single meaning and the request is an acting one: it is refused before any rule is asked. */
  readonly decision: Decision | null;
  readonly matches: readonly RuleMatch[];
  /** Rules that nearly decided, and why they did not; the nearest first. */
  readonly near: readonly NearMiss[];
  /** What would happen, in a sentence or two. */
  readonly summary: string;
};

export function explain(policy: Policy, question: Question): Explanation {
  const { side, target, headers = {}, body } = question;
  const method = question.method.toUpperCase();
  const actor = question.actor ?? made('actor', []);
  const subject = question.subject ?? made('subject', []);
  const { path, request, decision } = askRequest(policy, {
    side,
    method,
    target,
    actor,
    subject,
    mode: question.mode ?? 'full',
    query: {},
    headers,
    body,
  });
  const matches = policy.matches(request);
  return {
    mayAct: mayAct(policy, actor, subject),
    path,
    decision,
    matches,
    near:
      decision === null
        ? []
        : nearMisses({ rules: policy.rules, side, method, path, decided: decision?.rule ?? null, matches }),
    summary: summarise(`${method} ${path.canonical}`, path, decision, matches),
  };
}

function summarise(
  what: string,
  path: SettledPath,
  decision: Decision | null,
  matches: readonly RuleMatch[],
): string {
  if (decision === null)
    return `${what} is refused: the path has no single meaning (${path.faults.join(', ')}).`;
  const others = matches
    .filter((match) => match.rule !== decision.rule)
    .map((match) => `${match.rule} (${match.effect}${match.how === 'named' ? '' : `, ${match.how}`})`);
  const also = others.length === 0 ? '' : ` Also named by ${others.join(', ')}.`;
  return `${what}: ${decision.effect} ${because(decision, matches)}.${also}`;
}

function because(decision: Decision, matches: readonly RuleMatch[]): string {
  switch (decision.reason) {
    case 'rule': {
      const match = matches.find((one) => one.rule === decision.rule);
      const path = match?.how === 'same_path' ? ', which blocks the path for every method that writes' : '';
      return `by rule ${decision.rule} (${match?.route ?? ''})${path}`;
    }
    case 'missed':
      return `because rule ${decision.rule ?? ''} permits it only in part: ${decision.missed?.why ?? ''}`;
    case 'unread_operations':
      return `because its GraphQL operations cannot be known: ${decision.missed?.why ?? ''}`;
    case 'otherwise_reads':
      return 'because no rule names this read (otherwise: reads)';
    case 'otherwise_writes':
      return 'because no rule names this write (otherwise: writes)';
    case 'view_mode':
      return 'because the session may only look';
    case 'not_locked':
      return `because the cart is not locked yet, and rule ${decision.rule ?? ''} keeps it for whoever locks it`;
    case 'not_paused':
      break;
  }
  return 'because no rule pauses it';
}
