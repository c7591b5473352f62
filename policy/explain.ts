/** Says what would happen to a request, by which rule, and which other rules name it: the answer behind `policy explain`. */
import type { Decision, Mode } from './decision.ts';
import type { SettledPath } from './path.ts';
import type { Person } from './person.ts';
import type { Policy, RuleMatch } from './policy.ts';
import { settlePath } from './settle-path.ts';

export type Question = {
  readonly side: 'acting' | 'assisted';
  readonly method: string;
  /** Path as a client would send it; what follows a `?` is left out. */
  readonly target: string;
  readonly mode?: Mode;
  readonly actor?: Person;
  readonly subject?: Person;
};

export type Explanation = {
  readonly path: SettledPath;
  /** Null when the path has no single meaning and the request is an acting one: it is refused before any rule is asked. */
  readonly decision: Decision | null;
  readonly matches: readonly RuleMatch[];
  /** The same in a sentence or two. */
  readonly summary: string;
};

export function explain(policy: Policy, question: Question): Explanation {
  const path = settlePath(question.target.replace(/\?[^]*$/, ''));
  const method = question.method.toUpperCase();
  const request = {
    side: question.side,
    method,
    path,
    actor: question.actor ?? somebody('actor'),
    subject: question.subject ?? somebody('subject'),
    mode: question.mode ?? 'full',
  };
  const matches = policy.matches(request);
  const refused = question.side === 'acting' && path.faults.length > 0;
  const decision = refused ? null : policy.decide(request);
  return {
    path,
    decision,
    matches,
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
    case 'otherwise_reads':
      return 'because no rule names this read (otherwise: reads)';
    case 'otherwise_writes':
      return 'because no rule names this write (otherwise: writes)';
    case 'view_mode':
      return 'because the session may only look';
    case 'not_paused':
      break;
  }
  return 'because no rule pauses it';
}

function somebody(name: string): Person {
  return { id: name, name, email: '', roles: [], market: null, active: true, assignedTo: null, claims: {} };
}
