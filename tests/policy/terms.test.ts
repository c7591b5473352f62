/** Who may act, and on which terms: permission to act, standing of both people, and what a line says for its own actors. */
import { describe, expect, it } from 'vitest';
import { loadPolicy, formatMistakes } from '../../policy/index.ts';
import { load } from './loaded.ts';
import { person } from './people.ts';

const MINUTE = 60_000;
const policyWith = (who: string, more = ''): string => `version: 1\nact_as:\n  who:\n${who}${more}`;
const LINES = `    - { actors: [clerk], subjects: [shopper], claim: [may_act, access_all] }
    - { actors: [clerk], subjects: [shopper], claim: may_act, assigned: true, idle_timeout: 900, land_on: /account, pause: on_lock }
    - { actors: [chief], subjects: [shopper], idle_timeout: 2h, absolute_timeout: 4h, take_over: true }
`;

const shopper = person('Sam', ['shopper']);
const clerk = (claims: Readonly<Record<string, unknown>>) => person('Cleo', ['clerk'], { claims });

describe('permission to act', () => {
  const policy = load(policyWith(LINES));
  it.each([
    [{ may_act: true, access_all: true }, true],
    [{ may_act: true }, 'not_assigned'],
    [{ access_all: true }, 'actor_not_permitted'],
    [{ may_act: 'true', access_all: true }, 'actor_not_permitted'],
    [{}, 'actor_not_permitted'],
  ])('takes each claim of a list: %j', (claims, expected) => {
    const answer = policy.mayActFor(clerk(claims), shopper);
    expect(answer.allowed ? true : answer.reason).toBe(expected);
  });

  it('is nobody’s who is blocked or inactive, and nobody acts for such a person', () => {
    const chief = person('Char', ['chief']);
    const of = (actor: typeof chief, subject: typeof shopper): unknown => {
      const answer = policy.mayActFor(actor, subject);
      return answer.allowed ? 'yes' : answer.reason;
    };
    expect(of(chief, shopper)).toBe('yes');
    expect(of({ ...chief, blocked: true }, shopper)).toBe('actor_blocked');
    expect(of({ ...chief, active: false, blocked: true }, shopper)).toBe('actor_inactive');
    expect(of(chief, { ...shopper, blocked: true })).toBe('subject_blocked');
    expect(of(chief, { ...shopper, active: false })).toBe('subject_inactive');
    expect(policy.mayActAtAll({ ...chief, blocked: true })).toBe(false);
    expect(policy.mayTakeOver({ ...chief, blocked: true }, shopper)).toBe(false);
  });
});

describe('the terms of a session', () => {
  const policy = load(policyWith(LINES, '  land_on: /market\n  idle_timeout: 30m\n'));
  it('are those of the line that fits, and the general ones where it says nothing', () => {
    expect(policy.termsOf(person('Char', ['chief']), shopper)).toEqual({
      idleTimeoutMs: 120 * MINUTE,
      absoluteTimeoutMs: 240 * MINUTE,
      landOn: '/market',
      pause: 'at_start',
    });
    expect(policy.termsOf(clerk({ may_act: true, access_all: true }), shopper)).toMatchObject({
      idleTimeoutMs: 30 * MINUTE,
      landOn: '/market',
      pause: 'at_start',
    });
  });
  it('are the shortest times of several lines, and the first word on the rest', () => {
    const both = clerk({ may_act: true, access_all: true });
    const own = { ...shopper, assignedTo: both.id };
    expect(policy.termsOf(both, own)).toEqual({
      idleTimeoutMs: 15 * MINUTE,
      absoluteTimeoutMs: 120 * MINUTE,
      landOn: '/account',
      pause: 'on_lock',
    });
  });
});

describe('what cannot be meant', () => {
  const mistakesIn = (text: string): string => {
    const loaded = loadPolicy(text);
    return loaded.ok ? '' : formatMistakes('p', loaded.mistakes);
  };
  const line = (more: string): string =>
    policyWith(`    - { actors: [clerk], subjects: [shopper], ${more} }\n`);
  const rule = (text: string): string =>
    `${policyWith('    - { actors: [clerk], subjects: [shopper] }\n')}rules:\n  - ${text}\n`;

  it.each([
    [line('idle_timeout: 3h'), 'must not be longer than absolute_timeout'],
    [line('absolute_timeout: 5m'), 'must not be shorter than idle_timeout'],
    [line('idle_timeout: 0'), 'at least 1s'],
    [line('land_on: market'), 'expected a path of the app'],
    [line('pause: later'), 'pause'],
    [line('claim: []'), 'claim'],
    [policyWith('    - { actors: [a], subjects: [b] }\n', '  cart_at_end: eaten\n'), 'cart_at_end'],
    [
      `version: 1\nmarkets: { v: { name: V, timezone: UTC, currency: Dollars } }\n${policyWith('    - { actors: [a], subjects: [b] }\n').slice(11)}`,
      'expected the code of a currency',
    ],
    [rule('{ id: a, on: [POST /o], effect: audit, places_order: true }'), 'captures none'],
    [rule('{ id: a, on: [GET /o], effect: allow, send_back: true }'), 'only who is blocked is sent back'],
    [rule('{ id: a, on: [POST /o], effect: block, send_back: true }'), 'this rule names none'],
    [rule("{ id: a, on: [PUT /c/:id], effect: block, cart_id: ':id' }"), 'touches no cart'],
    [rule("{ id: a, on: [PUT /c/:cart], effect: audit, cart_id: ':id' }"), 'not every route of this rule'],
    [rule('{ id: a, on: [PUT /c/:id], effect: allow, cart_id: /cart/id }'), 'only under audit'],
    [rule('{ id: a, on: [PUT /c/:id], effect: audit, cart_id: cart }'), 'expected a parameter of the path'],
    [rule('{ id: a, on: [PUT /c], effect: audit, capture: { t: { at: /t, as: pounds } } }'), 'capture'],
  ])('is a mistake with its place: %s', (text, words) => {
    expect(mistakesIn(text)).toContain(words);
  });
});
