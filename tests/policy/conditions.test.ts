/** Conditions: a permit must be met to the letter, and what forbids holds wherever a lenient reader could see it. */
import { describe, expect, it } from 'vitest';
import { parseBody, settlePath, type DecisionRequest } from '../../policy/index.ts';
import { ask, loadRules, verdict } from './loaded.ts';
import { gus, hal, mia, sam, sara } from './people.ts';

const json = async (text: string): Promise<Partial<DecisionRequest>> => ({
  body: await parseBody('application/json', Buffer.from(text)),
});
const headers = (lines: Record<string, string>): Partial<DecisionRequest> => ({
  header: (name) => lines[name] ?? null,
});

describe('a parameter of the address', () => {
  const policy = loadRules([
    '{ id: dry-run, on: [POST /x], effect: allow, query: { dry: ["1", "true"] } }',
    '{ id: no-token, on: [POST /y], effect: audit, query: { token: absent } }',
    '{ id: with-page, on: [POST /z], effect: audit, query: { page: present } }',
    '{ id: no-delete, on: [GET /do], effect: block, query: { action: delete } }',
    '{ id: signed-only, on: [GET /link], effect: block, query: { signature: absent } }',
  ]);
  it.each([
    ['POST /x?dry=1', 'allow dry-run'],
    ['POST /x?dry=true&other=2', 'allow dry-run'],
    ['POST /x?dry=%31', 'allow dry-run'],
    ['POST /x', 'block dry-run'],
    ['POST /x?dry=2', 'block dry-run'],
    ['POST /x?Dry=1', 'block dry-run'],
    ['POST /x?dry=1&dry=0', 'block dry-run'],
    ['POST /x?dry=1&DRY=0', 'block dry-run'],
    ['POST /x?dry=1&dry[]=0', 'block dry-run'],
    ['POST /x?a;dry=1', 'block dry-run'],
    ['POST /x?dry=%ff', 'block dry-run'],
    ['POST /y', 'audit no-token'],
    ['POST /y?Token=1', 'block no-token'],
    ['POST /z?page=', 'audit with-page'],
    ['POST /z?pages=1', 'block with-page'],
    ['GET /do?action=delete', 'block no-delete'],
    ['GET /do?ACTION=Delete', 'block no-delete'],
    ['GET /do?action[]=delete', 'block no-delete'],
    ['GET /do?action=show&action=delete', 'block no-delete'],
    ['GET /do?a=1;action=delete', 'block no-delete'],
    ['GET /do?action=%FF', 'block no-delete'],
    ['GET /do?action=show', 'allow otherwise_reads'],
    ['GET /do', 'allow otherwise_reads'],
    ['GET /link', 'block signed-only'],
    ['GET /link?Signature=1', 'block signed-only'],
    ['GET /link?signature=1', 'allow otherwise_reads'],
  ])('%s: %s', (line, expected) => expect(verdict(policy, line)).toBe(expected));
});

describe('a header', () => {
  const policy = loadRules([
    '{ id: by-script, on: [POST /x], effect: audit, header: { x-requested-with: XMLHttpRequest } }',
    '{ id: no-bots, on: [POST /y], effect: block, header: { x-bot: present } }',
    '{ id: y, on: [POST /y], effect: audit }',
    '{ id: no-card, on: [POST /card], effect: block }',
    '{ id: card, on: [PATCH /card], effect: audit, header: { x-please: present } }',
  ]);
  it.each([
    ['POST /x', { 'x-requested-with': 'XMLHttpRequest' }, 'audit by-script'],
    ['POST /x', { 'x-requested-with': 'xmlhttprequest' }, 'block by-script'],
    ['POST /x', { 'x-requested-with': 'XMLHttpRequest, XMLHttpRequest' }, 'block by-script'],
    ['POST /x', {}, 'block by-script'],
    ['POST /y', { 'x-bot': '' }, 'block no-bots'],
    ['POST /y', {}, 'audit y'],
  ])('%s with %o: %s', (line, lines, expected) =>
    expect(verdict(policy, line, headers(lines))).toBe(expected),
  );
  it('never lifts a block, because a client chooses its own', () =>
    expect(verdict(policy, 'PATCH /card', headers({ 'x-please': '1' }))).toBe('block no-card'));
});

describe('people, market and mode', () => {
  const policy = loadRules([
    '{ id: wholesale, on: [POST /bulk], effect: audit, subjects: { roles: [grower] } }',
    '{ id: valley-only, on: [POST /festival], effect: audit, market: valley }',
    '{ id: not-in-hill, on: [POST /raffle], effect: block, market: [hill] }',
    '{ id: raffle, on: [POST /raffle], effect: audit }',
    '{ id: not-at-a-glance, on: [GET /secrets], effect: block, mode: view }',
    '{ id: big-seller, on: [POST /deal], effect: audit, actors: { roles: [sales_staff], claim: big }, market: valley }',
  ]);
  it.each([
    ['POST /bulk', { subject: gus }, 'audit wholesale', null],
    ['POST /bulk', { subject: sam }, 'block wholesale', 'this person would have to be grower'],
    ['POST /festival', { subject: sam }, 'audit valley-only', null],
    ['POST /festival', { subject: hal }, 'block valley-only', 'not in this market'],
    ['POST /festival', { subject: { ...sam, market: null } }, 'block valley-only', 'not in this market'],
    ['POST /raffle', { subject: hal }, 'block not-in-hill', null],
    ['POST /raffle', { subject: sam }, 'audit raffle', null],
    ['GET /secrets', { mode: 'view' as const }, 'block not-at-a-glance', null],
    ['GET /secrets', { mode: 'full' as const }, 'allow otherwise_reads', null],
    ['POST /deal', { actor: { ...sara, claims: { big: true } } }, 'audit big-seller', null],
    [
      'POST /deal',
      { actor: { ...sara, claims: { big: 1 } } },
      'block big-seller',
      'you would need the permission “big”',
    ],
    [
      'POST /deal',
      { actor: { ...mia, claims: { big: true } } },
      'block big-seller',
      'you would have to be sales staff',
    ],
  ])('%s %o: %s', (line, more, expected, why) => {
    expect(verdict(policy, line, more)).toBe(expected);
    expect(ask(policy, line, more).missed?.why ?? null).toBe(why);
  });
});

describe('a permit that is not met', () => {
  const rules = [
    '{ id: refund, on: [POST /refund], effect: audit, action: pay_back, actors: { claim: refunds }, body: { type: object, required: [cents], properties: { cents: { type: integer, maximum: 500 } } } }',
    '{ id: poll, on: [GET /poll], effect: allow, background: true, query: { wait: "1" } }',
  ];
  it('blocks the write whatever otherwise says, by its own name, and says what was wrong', async () => {
    const policy = loadRules(rules, 'otherwise: { writes: audit }\n');
    expect(ask(policy, 'POST /refund')).toMatchObject({
      effect: 'block',
      rule: 'refund',
      reason: 'missed',
      action: 'pay_back_blocked',
      missed: { rule: 'refund', condition: 'actors', why: 'you would need the permission “refunds”' },
    });
    const actor = { ...mia, claims: { refunds: true } };
    const tooMuch = ask(policy, 'POST /refund', { actor, ...(await json('{"cents":501}')) });
    expect(tooMuch.missed).toEqual({ rule: 'refund', condition: 'body', why: 'cents must be <= 500' });
    expect(verdict(policy, 'POST /refund', { actor, ...(await json('{"cents":500}')) })).toBe('audit refund');
    expect(ask(policy, 'POST /other').reason).toBe('otherwise_writes');
  });
  it('counts a field in another letter case, which some apps take for the same', async () => {
    const policy = loadRules([
      '{ id: price, on: [PUT /x], effect: audit, body: { type: object, properties: { price: { type: number, maximum: 5 }, note: { type: string } } } }',
    ]);
    for (const text of ['{"Price":900}', '{"PRICE":"5"}', '{"price":900}']) {
      const { missed, effect } = ask(policy, 'PUT /x', await json(text));
      expect([effect, missed?.why], text).toEqual(['block', expect.stringMatching(/^price must be/)]);
    }
    for (const text of ['{"price":4}', '{"Price":4,"Other":[1]}', '{}'])
      expect(verdict(policy, 'PUT /x', await json(text)), text).toBe('audit price');
  });
  it('leaves a read to otherwise', () => {
    const policy = loadRules(rules);
    expect(verdict(policy, 'GET /poll')).toBe('allow otherwise_reads');
    expect(ask(policy, 'GET /poll?wait=1').background).toBe(true);
  });
  it('gives way to another that is met', () => {
    const policy = loadRules([...rules, '{ id: any-refund, on: [POST /**], effect: allow }']);
    expect(verdict(policy, 'POST /refund')).toBe('allow any-refund');
  });
});

describe('a rule that forbids a body', () => {
  const policy = loadRules([
    '{ id: no-admin, on: [POST /x], effect: block, body: { type: object, required: [role], properties: { role: { const: admin } } } }',
    '{ id: not-much, on: [POST /y], effect: block, body: { type: object, required: [n], properties: { n: { type: number, minimum: 1000 } } } }',
    '{ id: not-nested, on: [POST /z], effect: block, body: { type: object, properties: { order: { type: array, contains: { type: object, properties: { Kind: { const: gift } }, required: [Kind] } } }, required: [order] } }',
    '{ id: rest, on: [POST /:any], effect: audit }',
  ]);
  it.each([
    ['POST /x', '{"role":"admin"}', 'block no-admin'],
    // Go, ASP.NET and others take these for the same field.
    ['POST /x', '{"Role":"admin"}', 'block no-admin'],
    ['POST /x', '{"ROLE":"admin","more":1}', 'block no-admin'],
    ['POST /x', '{"Role":"shopper"}', 'audit rest'],
    ['POST /z', '{"Order":[{"n":1},{"kind":"gift"}]}', 'block not-nested'],
    ['POST /z', '{"ORDER":[{"kind":"book"}]}', 'audit rest'],
    ['POST /z', '{"__PROTO__":{"order":[{"kind":"gift"}]}}', 'audit rest'],
    ['POST /x', '{"role":"admin","more":1}', 'block no-admin'],
    ['POST /x', '{"role":"shopper"}', 'audit rest'],
    ['POST /x', '{"role":"shopper","role":"admin"}', 'block no-admin'],
    ['POST /x', 'not JSON', 'block no-admin'],
    ['POST /y', '{"n":1e6}', 'block not-much'],
    ['POST /y', '{"n":"5000"}', 'block not-much'],
    ['POST /y', '{"n":100000000000000000000000000}', 'block not-much'],
    ['POST /y', '{"n":999}', 'audit rest'],
  ])('%s %s: %s', async (line, text, expected) =>
    expect(verdict(policy, line, await json(text))).toBe(expected),
  );
  it('also holds for what nobody read, and for what nobody can', async () => {
    expect(verdict(policy, 'POST /x', { body: null })).toBe('block no-admin');
    const body = await parseBody('text/plain', Buffer.from('role: admin'));
    expect(verdict(policy, 'POST /x', { body })).toBe('block no-admin');
    expect(verdict(policy, 'POST /x', { body: { kind: 'none' } })).toBe('audit rest');
    for (const text of ['n=5000', 'N=5000']) {
      const form = await parseBody('application/x-www-form-urlencoded', Buffer.from(text));
      expect(verdict(policy, 'POST /y', { body: form })).toBe('block not-much');
    }
  });
});

describe('how much of a body is read before anything is decided', () => {
  const policy = loadRules([
    '{ id: a, on: [PUT /a], effect: audit, body: { type: object }, body_limit: 2KiB }',
    '{ id: a-wide, on: [PUT /:x], effect: audit, body_limit: 3KiB }',
    '{ id: b, on: [POST /b], effect: block, body: { type: object } }',
    '{ id: up, on: [POST /up], effect: audit, body_limit: stream }',
    '{ id: g, on: [POST /graphql], effect: allow, graphql: { query: ["*"] } }',
    '{ id: p, while: assisted, on: [POST /p], effect: pause, body: { type: object } }',
  ]);
  it.each([
    ['acting', 'PUT /a', 3072],
    ['acting', 'PUT /A/', 3072],
    ['acting', 'PUT /A/b', null],
    ['acting', 'POST /a', null],
    ['acting', 'POST /b', 1_048_576],
    ['acting', 'DELETE /b', 1_048_576],
    ['acting', 'POST /up', null],
    ['acting', 'PUT /graphql', 1_048_576],
    ['acting', 'POST /p', null],
    ['assisted', 'POST /p', 1_048_576],
    ['assisted', 'PUT /a', null],
  ] as const)('%s, %s: %s', (side, line, limit) => {
    const [method = '', path = ''] = line.split(' ');
    expect(policy.readsBody(side, method, settlePath(path))).toBe(limit);
  });
});

describe('GraphQL while the subject is assisted', () => {
  const pausing = (rule: string) => loadRules([rule]);
  const cart = pausing(
    '{ id: p, while: assisted, on: [POST /graphql], effect: pause, graphql: { mutation: ["cart*"] } }',
  );
  const listing = pausing(
    '{ id: p, while: assisted, on: [POST /graphql], effect: pause, graphql: { mutation: ["cart*"], persisted: [abc] } }',
  );
  it.each([
    [cart, '{"query":"mutation { cartAdd }"}', 'pause p'],
    [cart, '{"query":"{ products }"}', 'allow not_paused'],
    [cart, '{"query":"mutation { profile }"}', 'allow not_paused'],
    [cart, '[{"query":"{ me }"},{"query":"mutation { x: cartAdd }"}]', 'pause p'],
    [cart, '{"query":"mutation {"}', 'pause p'],
    [cart, '{"documentId":"abc"}', 'pause p'],
    [listing, '{"documentId":"abc"}', 'pause p'],
    [listing, '{"documentId":"def"}', 'allow not_paused'],
  ])('%#: %s is %s', async (policy, text, expected) =>
    expect(verdict(policy, 'POST /graphql', { side: 'assisted', ...(await json(text)) })).toBe(expected),
  );
});

describe('GraphQL on one side only', () => {
  it('leaves the other side as it was', () => {
    const policy = loadRules([
      '{ id: p, while: assisted, on: [POST /graphql], effect: pause, graphql: { mutation: ["*"] } }',
      '{ id: all, on: [POST /graphql], effect: audit }',
    ]);
    expect(verdict(policy, 'POST /graphql')).toBe('audit all');
  });
  it('is blocked by a rule about all of it, whether or not it can be read', async () => {
    const policy = loadRules([
      '{ id: none, on: [POST /graphql], effect: block }',
      '{ id: ask, on: [POST /graphql], effect: allow, graphql: { query: ["*"] } }',
    ]);
    expect(verdict(policy, 'POST /graphql', await json('{"query":"{"}'))).toBe('block none');
    expect(verdict(policy, 'POST /graphql', await json('{"query":"{ me }"}'))).toBe('block none');
  });
});

describe('GraphQL in a session that may only look', () => {
  const policy = loadRules([
    '{ id: ask, on: [POST /graphql], effect: allow, graphql: { query: ["*"] } }',
    '{ id: change, on: [POST /graphql], effect: audit, graphql: { mutation: ["*"] } }',
  ]);
  it.each([
    ['{"query":"{ me }"}', 'allow ask'],
    ['{"query":"mutation { me }"}', 'block view_mode'],
    ['{"query":"query A { me } mutation B { me }","operationName":"A"}', 'block view_mode'],
  ])('%s: %s', async (text, expected) =>
    expect(verdict(policy, 'POST /graphql', { mode: 'view', ...(await json(text)) })).toBe(expected),
  );
});

describe('a sentence of the author for a body that is missed', () => {
  const policy = loadRules([
    '{ id: price, on: [PUT /x], effect: audit, actors: { claim: senior }, body: { type: object, required: [price] }, body_message: A price has to be named. }',
  ]);
  it('stands beside the words of the schema', async () => {
    const senior = { ...sara, claims: { senior: true } };
    const decision = ask(policy, 'PUT /x', { actor: senior, ...(await json('{}')) });
    expect(decision.missed).toEqual({
      rule: 'price',
      condition: 'body',
      why: "the body must have required property 'price'",
      message: 'A price has to be named.',
    });
  });
  it('is not told of another condition', async () => {
    const decision = ask(policy, 'PUT /x', { actor: sara, ...(await json('{}')) });
    expect(decision.missed).toMatchObject({ condition: 'actors' });
    expect(decision.missed?.message).toBeUndefined();
  });
});
