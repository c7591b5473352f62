/** `tests:` in policy.yaml: what can be asked, how a wrong answer is told, and that a policy whose tests fail never loads. */
import { describe, expect, it } from 'vitest';
import { loadPolicy, readPolicy, runTests } from '../../../policy/index.ts';
import { SHIPPED } from '../loaded.ts';

const HEAD = `version: 1
act_as:
  who:
    - { actors: [manager], subjects: [shopper] }
    - { actors: [clerk], subjects: [shopper], assigned: true, mode: view }
  never: [boss]
reviewers: [{ roles: [manager], see: own_market }]
rules:
  - { id: no-cards, on: [POST /cards/**], effect: block }
  - { id: order, on: [POST /orders], effect: audit }
  - { id: price, on: [PUT /price], effect: audit, actors: { claim: may_price }, body: { type: object, required: [price], properties: { price: { type: number } } } }
  - { id: export, on: [POST /report], effect: audit, query: { format: csv }, header: { x-why: audit } }
  - { id: hold, on: [POST /orders], while: assisted, effect: pause }
tests:
`;
const FIRST_LINE = HEAD.split('\n').length;

/** What each test has to say, `ok` where nothing. */
function answers(...tests: readonly string[]): readonly string[] {
  const read = readPolicy(HEAD + tests.map((test) => `  - { name: t, ${test} }\n`).join(''));
  if (!read.ok) throw new Error(read.mistakes.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return runTests(read.policy, read.file.tests).map(({ failure }) => failure ?? 'ok');
}

const M = 'as: manager, for: shopper';

describe('a test of a request', () => {
  it.each([
    `${M}, send: POST /cards, expect: block`,
    `${M}, send: POST /cards, expect: block, rule: no-cards`,
    `${M}, send: POST /cards, expect: block, rule: no-cards, reason: rule`,
    `${M}, send: POST /orders, expect: audit`,
    `${M}, send: POST /orders, while: assisted, expect: pause, rule: hold`,
    `${M}, send: POST /orders, mode: view, expect: block, reason: view_mode`,
    `${M}, send: GET /, expect: allow, reason: otherwise_reads`,
    `${M}, send: POST /gifts, expect: block, reason: otherwise_writes`,
    `${M}, send: POST /cards%2f7, expect: refused`,
    `${M}, send: PUT /price, claims: { may_price: true }, body: { price: 5 }, expect: audit, rule: price`,
    `${M}, send: PUT /price, claims: { may_price: true }, body: { price: "5" }, expect: block, reason: missed, rule: price`,
    `${M}, send: PUT /price, claims: { may_price: true }, body: '{"price":1,"price":2}', expect: block`,
    `${M}, send: PUT /price, body: { price: 5 }, expect: block`,
    `${M}, send: POST /report, query: { format: csv }, headers: { X-Why: audit }, expect: audit, rule: export`,
    `${M}, send: POST /report?format=csv, headers: { x-why: audit }, expect: audit, rule: export`,
    `${M}, send: POST /report?format=pdf, headers: { x-why: audit }, expect: block`,
    `as: [manager, clerk], for: [shopper, grower], send: GET /, expect: allow`,
  ])('passes: %s', (test) => expect(answers(test)).toEqual(['ok']));

  it.each([
    [`${M}, send: POST /orders, expect: block`, 'expected block, but the policy answers audit by rule order'],
    [
      `${M}, send: POST /cards, expect: block, rule: order`,
      'expected block by rule order, but the policy answers block by rule no-cards',
    ],
    [
      `${M}, send: POST /gifts, expect: audit`,
      'expected audit, but the policy answers block (otherwise_writes: no rule decided)',
    ],
    [
      `${M}, send: POST /cards;x, expect: block`,
      'expected block, but the policy answers refused (path_parameter)',
    ],
    [
      `${M}, send: POST /orders, expect: refused`,
      'expected refused, but the policy answers audit by rule order',
    ],
  ])('fails: %s', (test, failure) => expect(answers(test)).toEqual([failure]));
});

describe('a test of who may act as whom, and who reviews', () => {
  it.each([
    `${M}, may_act: yes`,
    `${M}, may_act: yes, mode: full`,
    `as: clerk, for: shopper, assigned: true, may_act: yes, mode: view`,
    `as: clerk, for: shopper, may_act: no, reason: not_assigned`,
    `${M}, market: other, may_act: no, reason: other_market`,
    `${M}, inactive: subject, may_act: no, reason: subject_inactive`,
    `${M}, inactive: actor, may_act: no, reason: actor_inactive`,
    `as: manager, for: [shopper, boss], may_act: no, reason: subject_protected`,
    `as: manager, reviews: own_market`,
    `as: clerk, reviews: nothing`,
  ])('passes: %s', (test) => expect(answers(test)).toEqual(['ok']));

  it.each([
    [`${M}, may_act: no`, 'expected no, but the policy answers yes'],
    [
      `as: clerk, for: shopper, may_act: no, reason: other_market`,
      'expected no (other_market), but the policy answers no (not_assigned)',
    ],
    [`as: clerk, reviews: own_market`, 'expected reviews own_market, but the policy answers reviews nothing'],
  ])('fails: %s', (test, failure) => expect(answers(test)).toEqual([failure]));
});

describe('a test that asks nothing, or too much, is a mistake', () => {
  it.each([
    [`as: manager`, 'this test asks nothing'],
    [
      `${M}, send: GET /, may_act: yes, expect: allow`,
      'a test asks one thing, and this one has "send" already',
    ],
    [`${M}, send: GET /`, 'what is expected of this request?'],
    [`as: manager, send: GET /, expect: allow`, 'whose seat is the request sent in?'],
    [`${M}, send: GET, expect: allow`, 'write METHOD /path, for instance PUT /api/password'],
    [`${M}, may_act: yes, reason: self`, 'only a no has a reason'],
    [`${M}, may_act: no, expect: block`, '"expect" belongs to a test with "send"'],
    [`${M}, send: GET /, expect: allow, market: other`, '"market" belongs to a test with "may_act"'],
    [`${M}, send: GET /, expect: allow, reason: self`, 'a decision never has the reason self'],
    [`${M}, send: GET /, expect: alow`, '"alow" is not one of allow, audit, confirm, block, pause, refused'],
    [`${M}, sent: GET /, expect: allow`, 'unknown key'],
  ])('%s', (test, message) => {
    const loaded = loadPolicy(`${HEAD}  - { name: t, ${test} }\n`);
    expect(loaded.ok ? [] : loaded.mistakes.map((mistake) => mistake.message)).toContain(message);
  });
});

it('A policy whose tests fail does not load, and says which, where, and what it answers instead', () => {
  const loaded = loadPolicy(
    `${HEAD}  - { name: fine, ${M}, send: POST /cards, expect: block }\n  - { name: orders are off-limits, ${M}, send: POST /orders, expect: block }\n`,
  );
  expect(loaded).toEqual({
    ok: false,
    mistakes: [
      {
        line: FIRST_LINE + 1,
        column: 5,
        path: 'tests[1]',
        message: '"orders are off-limits": expected block, but the policy answers audit by rule order',
      },
    ],
  });
});

describe('the policy that ships', () => {
  const read = readPolicy(SHIPPED);
  if (!read.ok) throw new Error('policy.yaml is no policy');
  const { file, policy } = read;

  it('has a test that names each rule', () => {
    const named = new Set(file.tests.map(({ rule }) => rule));
    expect(policy.rules.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([]);
  });

  it('has a test of each line of who may act as whom, of each role nobody acts as, and of each reviewer', () => {
    const may = file.tests.filter((test) => test.may_act === 'yes');
    for (const { actors, subjects } of policy.settings.who)
      for (const actor of actors)
        for (const subject of subjects)
          expect(
            may.some((test) => test.as.includes(actor) && test.for?.includes(subject)),
            `${actor} as ${subject}`,
          ).toBe(true);
    const refused = file.tests.filter((test) => test.reason === 'subject_protected');
    for (const role of policy.settings.never)
      expect(
        refused.some((test) => test.for?.includes(role)),
        role,
      ).toBe(true);
    const reviews = file.tests.filter((test) => test.reviews !== undefined);
    for (const { roles, see } of policy.settings.reviewers)
      for (const role of roles)
        expect(
          reviews.some((test) => test.as.includes(role) && test.reviews === see),
          role,
        ).toBe(true);
  });

  it('has a test of what no rule names, reads and writes', () => {
    const reasons = file.tests.map(({ reason }) => reason);
    expect(reasons).toContain('otherwise_reads');
    expect(reasons).toContain('otherwise_writes');
  });
});
