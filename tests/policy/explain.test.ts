/** What `policy explain` tells an author: what would happen, by which rule, and who else had a say. */
import { describe, expect, it } from 'vitest';
import { explain } from '../../policy/index.ts';
import { load, loadRules, SHIPPED } from './loaded.ts';

const policy = load(SHIPPED);

describe('an explanation', () => {
  const table = [
    [
      'acting',
      'PUT',
      '/api/password',
      'PUT /api/password: block by rule change-password (PUT /api/password).',
    ],
    [
      'acting',
      'post',
      '/API/password?x=1',
      'POST /API/password: block by rule change-password (PUT /api/password), which blocks the path for every method that writes.',
    ],
    [
      'acting',
      'GET',
      '/api/cards',
      'GET /api/cards: allow because no rule names this read (otherwise: reads).',
    ],
    [
      'acting',
      'POST',
      '/api/gifts',
      'POST /api/gifts: block because no rule names this write (otherwise: writes).',
    ],
    [
      'acting',
      'PUT',
      '/api%2fpassword',
      'PUT /api%2Fpassword is refused: the path has no single meaning (encoded_slash).',
    ],
    [
      'assisted',
      'POST',
      '/api/orders',
      'POST /api/orders: pause by rule pause-orders (POST|PUT|PATCH|DELETE /api/orders/**).',
    ],
    ['assisted', 'POST', '/api/profile', 'POST /api/profile: allow because no rule pauses it.'],
  ] as const;
  it.each(table)('%s, %s %s: %s', (side, method, target, summary) =>
    expect(explain(policy, { side, method, target }).summary).toBe(summary),
  );

  it('says when only the mode forbids it', () => {
    expect(
      explain(policy, { side: 'acting', method: 'POST', target: '/api/orders', mode: 'view' }).summary,
    ).toBe('POST /api/orders: block because the session may only look. Also named by place-order (audit).');
  });

  it('names the rules that a stricter one, or an explicit permit, set aside', () => {
    const other = loadRules([
      '{ id: no-cards, on: [POST /cards/**], effect: block }',
      '{ id: nickname, on: [PUT /cards/:id/nickname], effect: audit }',
      '{ id: everything, on: [ANY /**], effect: allow }',
    ]);
    expect(explain(other, { side: 'acting', method: 'PUT', target: '/cards/7/nickname' }).matches).toEqual([
      { rule: 'no-cards', effect: 'block', route: 'POST /cards/**', how: 'lifted' },
      { rule: 'nickname', effect: 'audit', route: 'PUT /cards/:id/nickname', how: 'named' },
      { rule: 'everything', effect: 'allow', route: 'ANY /**', how: 'named' },
    ]);
    expect(explain(other, { side: 'acting', method: 'PUT', target: '/cards/7/nickname' }).summary).toBe(
      'PUT /cards/7/nickname: audit by rule nickname (PUT /cards/:id/nickname). Also named by no-cards (block, lifted), everything (allow).',
    );
  });
});

describe('the question asked before anyone is identified', () => {
  it('is answered as the decision would be, for every spelling', () => {
    for (const path of [
      '/api/cart/items',
      '/API/cart',
      '/api//orders',
      '/api/profile',
      '/market',
      '/api%2fcart',
    ])
      for (const method of ['GET', 'POST', 'DELETE', 'PURGE']) {
        const { path: settled, decision } = explain(policy, { side: 'assisted', method, target: path });
        expect(policy.pausesAnything(method, settled)).toBe(decision?.effect === 'pause');
      }
  });
});
