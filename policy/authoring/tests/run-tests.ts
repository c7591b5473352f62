/** Asks a policy everything that the `tests:` of its file ask, and says which answers differ from what was expected. */
import type { Decision } from '../../decision.ts';
import type { Person } from '../../person.ts';
import type { Policy } from '../../policy.ts';
import { nearestWord } from '../../yaml/nearest-word.ts';
import { askRequest } from '../ask-request.ts';
import { made } from '../made-person.ts';
import type { PolicyTest } from './test-schema.ts';

export type TestResult = {
  readonly test: PolicyTest;
  /** Null when the policy answers as expected; otherwise one sentence that says what it answers instead. */
  readonly failure: string | null;
};

export function runTests(policy: Policy, tests: readonly PolicyTest[]): readonly TestResult[] {
  return tests.map((test) => ({ test, failure: failureOf(policy, test) }));
}

function failureOf(policy: Policy, test: PolicyTest): string | null {
  if (test.may_act !== undefined) return differsFrom(expectedPermission(test), permission(policy, test));
  if (test.reviews !== undefined) {
    const sees = policy.mayReview(actorOf(test));
    return differsFrom(`reviews ${test.reviews}`, `reviews ${sees ?? 'nothing'}`);
  }
  return requestFailure(policy, test);
}

function requestFailure(policy: Policy, test: PolicyTest): string | null {
  const ids = policy.rules.map(({ id }) => id);
  if (test.rule !== undefined && !ids.includes(test.rule)) {
    const near = nearestWord(test.rule, ids);
    return `there is no rule "${test.rule}"${near === null ? '' : `; did you mean "${near}"?`}`;
  }
  const [method = '', target = ''] = (test.send ?? '').split(/ +/, 2);
  const { faults, decision } = askRequest(policy, {
    side: test.while ?? 'acting',
    method,
    target,
    actor: actorOf(test),
    subject: subjectOf(test),
    mode: test.mode ?? 'full',
    query: test.query ?? {},
    headers: test.headers ?? {},
    body: test.body,
    locked: test.locked ?? true,
  });
  const words = decision === null ? `refused (${faults.join(', ')})` : spell(decision);
  if (test.expect === 'refused') return decision === null ? null : instead('refused', words);
  const fits =
    decision !== null &&
    decision.effect === test.expect &&
    (test.rule === undefined || decision.rule === test.rule) &&
    (test.reason === undefined || decision.reason === test.reason) &&
    (test.websocket === undefined || messagesOf(decision) === test.websocket);
  const by = test.rule === undefined ? '' : ` by rule ${test.rule}`;
  const reason = test.reason === undefined ? '' : ` (${test.reason})`;
  if (fits) return null;
  if (test.websocket === undefined) return instead(`${test.expect ?? ''}${by}${reason}`, words);
  const found = decision === null ? words : `${words}, websocket: ${messagesOf(decision)}`;
  return instead(`${test.expect ?? ''}${by}${reason}, websocket: ${test.websocket}`, found);
}

function messagesOf({ webSocket }: Decision): NonNullable<PolicyTest['websocket']> {
  return webSocket?.messages ?? 'none';
}

function spell({ effect, rule, reason, missed }: Decision): string {
  if (rule === null) return `${effect} (${reason}: no rule decided)`;
  return `${effect} by rule ${rule}${missed === null ? '' : ` (${reason}: ${missed.why})`}`;
}

function permission(policy: Policy, test: PolicyTest): string {
  const answer = policy.mayActFor(actorOf(test), subjectOf(test));
  if (!answer.allowed) return test.reason === undefined ? 'no' : `no (${answer.reason})`;
  return test.mode === undefined ? 'yes' : `yes (${answer.mode})`;
}

function expectedPermission(test: PolicyTest): string {
  const detail = test.may_act === 'yes' ? test.mode : test.reason;
  return detail === undefined ? (test.may_act ?? '') : `${test.may_act ?? ''} (${detail})`;
}

function differsFrom(expected: string, found: string): string | null {
  return expected === found ? null : instead(expected, found);
}

function instead(expected: string, found: string): string {
  return `expected ${expected}, but the policy answers ${found}`;
}

function actorOf(test: PolicyTest): Person {
  return made('actor', test.as, {
    market: test.in ?? 'one',
    claims: test.claims ?? {},
    active: test.inactive !== 'actor',
    ...(test.blocked === 'actor' ? { blocked: true } : {}),
  });
}

function subjectOf(test: PolicyTest): Person {
  return made('subject', test.for ?? [], {
    market: test.market === 'other' ? 'another' : (test.in ?? 'one'),
    assignedTo: test.assigned === true ? 'actor' : null,
    active: test.inactive !== 'subject',
    ...(test.blocked === 'subject' ? { blocked: true } : {}),
  });
}
