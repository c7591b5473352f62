/** The ladder: block, confirm, audit, allow, otherwise; whatever the order of the file. */
import { assert, property, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settlePath } from '../../policy/index.ts';
import { ask, loadRules, verdict } from './loaded.ts';
import { mia, sara } from './people.ts';

const allow = '{ id: r-allow, on: [POST /x/*], effect: allow }';
const audit = '{ id: r-audit, on: [POST /x/**], effect: audit }';
const confirm = '{ id: r-confirm, on: ["POST|GET /**/y"], effect: confirm }';
const block = '{ id: r-block, on: [POST /**], effect: block }';

describe('the strictest effect wins', () => {
  const ladder = [
    [[], 'block otherwise_writes'],
    [[allow], 'allow r-allow'],
    [[allow, audit], 'audit r-audit'],
    [[allow, audit, confirm], 'confirm r-confirm'],
    [[allow, audit, confirm, block], 'block r-block'],
  ] as const;
  for (const [rules, expected] of ladder)
    it(`${expected} with ${rules.length} rules, in any order`, () => {
      assert(
        property(shuffledSubarray([...rules], { minLength: rules.length }), (shuffled) => {
          expect(verdict(loadRules(shuffled), 'POST /x/y')).toBe(expected);
        }),
        { numRuns: 12 },
      );
    });

  it('and among equals the more specific path, then the explicit method', () => {
    const rules = [
      '{ id: wide, on: [POST /a/**], effect: audit }',
      '{ id: one, on: [POST /a/:id/c], effect: audit }',
      '{ id: exact, on: [POST /a/b/c], effect: audit }',
      '{ id: any, on: [ANY /a/b/d], effect: audit }',
      '{ id: named, on: [POST /a/b/d], effect: audit }',
    ];
    for (const order of [rules, rules.toReversed()]) {
      const policy = loadRules(order);
      expect(verdict(policy, 'POST /a/b/c')).toBe('audit exact');
      expect(verdict(policy, 'POST /a/x/c')).toBe('audit one');
      expect(verdict(policy, 'POST /a')).toBe('audit wide');
      expect(verdict(policy, 'POST /a/b/d')).toBe('audit named');
      expect(verdict(policy, 'PUT /a/b/d')).toBe('audit any');
    }
  });
});

describe('a blocked path', () => {
  const policy = loadRules([
    '{ id: no-new-card, on: [POST /api/cards], effect: block }',
    '{ id: no-new-password, on: [PUT /api/password], effect: block }',
    '{ id: rename-card, on: [PATCH /api/cards], effect: audit }',
    '{ id: anything, on: [ANY /api/**], effect: audit }',
    '{ id: puts, on: [PUT /api/:thing], effect: audit }',
    '{ id: no-export, on: [GET /api/export], effect: block }',
    '{ id: no-payout, on: [ANY /payout/**], effect: block }',
  ]);
  const table = [
    ['POST /api/cards', 'block no-new-card', 'by the method it names'],
    ['DELETE /api/cards', 'block no-new-card', 'by every other method that writes'],
    ['PROPPATCH /api/cards', 'block no-new-card', 'by methods nobody has heard of'],
    ['GET /api/cards', 'audit anything', 'not for reading'],
    ['OPTIONS /api/cards', 'audit anything', 'not for asking what is possible'],
    ['PATCH /api/cards', 'audit rename-card', 'but for the method that another rule permits right there'],
    ['PATCH /API/cards', 'block no-new-card', 'which permits only its own spelling'],
    ['PUT /api/cards', 'block no-new-card', 'not lifted by a permit of a wider path'],
    ['POST /api/password', 'block no-new-password', 'not lifted by a permit of any method'],
    ['GET /api/export', 'block no-export', 'also when it is a read that is blocked'],
    ['HEAD /api/export', 'block no-export', 'HEAD being decided as GET'],
    ['POST /api/export', 'block no-export', 'and then for writes as well'],
    ['GET /payout', 'block no-payout', 'and ** stands for nothing too'],
    ['GET /payout/a/.hidden/b', 'block no-payout', 'and for segments that begin with a dot'],
    ['GET /payouts', 'allow otherwise_reads', 'but for whole segments only'],
  ] as const;
  for (const [line, expected, why] of table)
    it(`${line}: ${expected}, ${why}`, () => expect(verdict(policy, line)).toBe(expected));

  it('can have a part of it permitted by name', () => {
    const nested = loadRules([
      '{ id: no-cards, on: [POST /cards/**], effect: block }',
      '{ id: nickname, on: [PUT /cards/:id/nickname], effect: audit }',
      '{ id: post-nickname, on: [POST /cards/:id/nickname], effect: audit }',
    ]);
    expect(verdict(nested, 'PUT /cards/7/nickname')).toBe('audit nickname');
    expect(verdict(nested, 'PUT /cards/7/number')).toBe('block no-cards');
    expect(verdict(nested, 'POST /cards/7/nickname')).toBe('block no-cards');
  });
});

describe('rules that permit', () => {
  const policy = loadRules(['{ id: place, on: [POST /api/Orders], effect: audit }']);
  it.each([
    'POST /api/orders',
    'POST /api/Orders/',
    'POST /api//Orders',
    'POST /api/Orders;a',
    'POST /api/Orders.json',
    'post /api/Orders',
  ])('do not permit %s', (line) => expect(verdict(policy, line)).toBe('block otherwise_writes'));
  it.each(['POST /api/Orders', 'POST /api/%4frders'])('permit %s', (line) =>
    expect(verdict(policy, line)).toBe('audit place'),
  );
});

describe('a session that may only look', () => {
  const policy = loadRules([
    '{ id: order, on: [POST /orders], effect: audit }',
    '{ id: password, on: [PUT /password], effect: block }',
    '{ id: leave, on: [POST /logout], effect: confirm }',
    '{ id: feed, on: [GET /feed], effect: allow, background: true }',
  ]);
  const table = [
    ['POST /orders', 'block view_mode'],
    ['DELETE /unheard-of', 'block view_mode'],
    ['PUT /password', 'block password'],
    ['POST /logout', 'confirm leave'],
    ['GET /orders', 'allow otherwise_reads'],
    ['GET /feed', 'allow feed'],
  ] as const;
  for (const [line, expected] of table)
    it(`${line}: ${expected}`, () => expect(verdict(policy, line, { mode: 'view' })).toBe(expected));
});

describe('a rule about some actors', () => {
  const policy = loadRules([
    '{ id: edit-price, on: [PUT /price], effect: audit, actors: { claim: can_edit_price } }',
    '{ id: staff-refund, on: [POST /refund], effect: block, actors: { roles: [sales_staff] } }',
    '{ id: refund, on: [POST /refund], effect: audit }',
    '{ id: staff-only, on: [POST /cart], while: assisted, effect: pause, actors: { roles: [sales_staff] } }',
  ]);
  const table = [
    ['PUT /price', { ...mia, claims: { can_edit_price: true } }, 'audit edit-price'],
    ['PUT /price', { ...mia, claims: { can_edit_price: 'true' } }, 'block edit-price'],
    ['PUT /price', mia, 'block edit-price'],
    ['POST /refund', mia, 'audit refund'],
    ['POST /refund', sara, 'block staff-refund'],
  ] as const;
  it.each(table)('%s', (line, actor, expected) => expect(verdict(policy, line, { actor })).toBe(expected));

  it('pauses only for them, and is counted before anyone is known', () => {
    expect(verdict(policy, 'POST /cart', { side: 'assisted', actor: sara })).toBe('pause staff-only');
    expect(verdict(policy, 'POST /cart', { side: 'assisted', actor: mia })).toBe('allow not_paused');
    expect(policy.pausesAnything('POST', settlePath('/cart'))).toBe(true);
  });
});

describe('what no rule names', () => {
  it('is read and not written, unless the file says otherwise', () => {
    const policy = loadRules([]);
    expect([verdict(policy, 'GET /x'), verdict(policy, 'POST /x')]).toEqual([
      'allow otherwise_reads',
      'block otherwise_writes',
    ]);
    const open = loadRules([], 'otherwise: { reads: audit, writes: audit }\n');
    expect([ask(open, 'HEAD /x').action, ask(open, 'POST /x').action]).toEqual([
      'unlisted_read',
      'unlisted_write',
    ]);
    const closed = loadRules([], 'otherwise: { reads: block, writes: allow }\n');
    expect([verdict(closed, 'GET /x'), verdict(closed, 'POST /x')]).toEqual([
      'block otherwise_reads',
      'allow otherwise_writes',
    ]);
  });
});

describe('what goes along with a decision', () => {
  const policy = loadRules(
    [
      '{ id: note-it, on: [POST /a], effect: audit, amend: { json: { /note: "{{by}} {actor.first_name} <{actor.email}> for {subject.name} at {market.name}, {session.id}" } }, body_limit: 2MiB }',
      '{ id: upload, on: [POST /b], effect: audit, body_limit: stream }',
      '{ id: poll, on: [GET /c], effect: allow, background: true }',
      '{ id: no-more, on: [POST /d], effect: block }',
    ],
    'markets: { valley: { name: Valley Market, timezone: America/New_York } }\n',
  );
  it('fills in the placeholders, doubled braces being braces', () => {
    expect(ask(policy, 'POST /a').obligations.amend.json).toEqual({
      '/note': '{by} Mia <mia@valley.example> for Sam Shopper at Valley Market, s-1',
    });
  });
  it('names the record after the rule where the rule names nothing', () => {
    expect([
      ask(policy, 'POST /a').action,
      ask(policy, 'POST /d').action,
      ask(policy, 'GET /c').action,
    ]).toEqual(['note_it', 'no_more_blocked', null]);
  });
  it('says how much of the body may be held, 1 MiB unless told', () => {
    expect([
      ask(policy, 'POST /a').bodyLimit,
      ask(policy, 'POST /b').bodyLimit,
      ask(policy, 'GET /x').bodyLimit,
    ]).toEqual([2_097_152, 'stream', 1_048_576]);
  });
  it('says what is background', () => {
    expect([ask(policy, 'GET /c').background, ask(policy, 'GET /x').background]).toEqual([true, false]);
  });
});

describe('names that every object has', () => {
  it('are ordinary segments, parameters and markets', () => {
    const policy = loadRules(
      [
        '{ id: proto, on: [POST /__proto__/:constructor], effect: audit }',
        '{ id: keys, on: [POST /constructor], effect: audit }',
      ],
      'markets: { constructor: { name: C, timezone: UTC } }\n',
    );
    expect(verdict(policy, 'POST /__proto__/toString')).toBe('audit proto');
    expect(verdict(policy, 'POST /constructor')).toBe('audit keys');
    expect(verdict(policy, 'POST /toString')).toBe('block otherwise_writes');
    expect(policy.settings.markets.get('constructor')?.name).toBe('C');
    expect(policy.settings.markets.get('toString')).toBeUndefined();
  });
});
