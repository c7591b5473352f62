/** Which rules nearly decided a request, and why they did not: what an author reads when the answer is not the expected one. */
import { describe, expect, it } from 'vitest';
import { explain, type Question } from '../../../policy/index.ts';
import { mia, sam } from '../people.ts';
import { loadRules } from '../loaded.ts';

const policy = loadRules([
  '{ id: no-password, on: [PUT /api/password], effect: block }',
  '{ id: place-order, on: [POST /api/shop/orders], effect: audit }',
  '{ id: cancel-order, on: [POST /api/shop/orders/:id/cancel], effect: audit }',
  '{ id: price, on: [PUT /api/shop/items/:id/price], effect: audit, actors: { claim: may_price } }',
  '{ id: no-big, on: [PUT /api/big], effect: block, actors: { claim: small } }',
  '{ id: files, on: [POST /api/files/**], effect: audit }',
  '{ id: hold, on: [POST /api/held], while: assisted, effect: pause }',
  '{ id: no-cards, on: [POST /api/cards/:id], effect: block }',
]);

const near = (line: string, more: Partial<Question> = {}) => {
  const [method = '', target = ''] = line.split(' ');
  return explain(policy, { side: 'acting', method, target, actor: mia, subject: sam, ...more }).near.map(
    ({ rule, kind, why }) => `${rule.id} [${kind}] ${why}`,
  );
};

describe('a rule came close', () => {
  it.each([
    ['GET /api/password', ['no-password [method] it names PUT, and this is a GET']],
    ['OPTIONS /api/password', ['no-password [method] it names PUT, and this is an OPTIONS']],
    ['PUT /api/pasword', ['no-password [path] its path has "password" where this one has "pasword"']],
    ['PUT /api/passwords', ['no-password [path] its path has "password" where this one has "passwords"']],
    ['PUT /api/password/x', ['no-password [path] this path has "x" besides']],
    ['PUT /api/big', ['no-big [condition] it holds only if small is true of the actor']],
    ['POST /api/orders', ['place-order [path] its path has "shop" besides']],
    [
      'POST /api/shop/Orders',
      [
        'place-order [spelling] a rule that permits matches the path exactly as written, and this one is spelt differently',
      ],
    ],
    [
      'POST /api/shop/orders/',
      [
        'place-order [spelling] a rule that permits matches the path exactly as written, and this one is spelt differently',
      ],
    ],
    [
      'POST /api/shop/orders/7',
      ['place-order [path] this path has "7" besides', 'cancel-order [path] its path has "cancel" besides'],
    ],
    ['POST /api/held', ['hold [side] it is about the customer’s own requests (while: assisted)']],
    ['PUT /api/files/a/b/c', ['files [method] it names POST, and this is a PUT']],
  ] as const)('to %s', (line, expected) => expect(near(line)).toEqual(expected));

  it('to a request of the customer, from the other side', () => {
    expect(near('POST /api/shop/orders', { side: 'assisted' })).toEqual([
      'place-order [side] it is about requests of the actor, and this is the customer’s own',
    ]);
  });
});

describe('no rule came close', () => {
  it.each(['POST /api/wishes', 'GET /', 'POST /other/things/of/all/kinds'])('to %s', (line) =>
    expect(near(line)).toEqual([]),
  );
  it('where it decided itself', () => {
    expect(near('PUT /api/password')).toEqual([]);
    expect(near('PATCH /api/password')).toEqual([]);
    expect(near('POST /api/shop/orders')).toEqual([]);
    expect(near('PUT /api/shop/items/7/price')).toEqual([]);
  });
});

it('The nearest are told, and not more than one can read', () => {
  const many = loadRules([
    ...Array.from({ length: 20 }, (_, n) => `{ id: r${n}, on: [PUT /a/b/x${n}], effect: audit }`),
    '{ id: claimed, on: [PUT /a/b/x], effect: block, actors: { claim: c } }',
  ]);
  const { near: found } = explain(many, { side: 'acting', method: 'PUT', target: '/a/b/x' });
  expect(found).toHaveLength(6);
  expect(found[0]?.kind).toBe('condition');
});

it('A path that goes on for ever is compared in no time', () => {
  const wide = loadRules(['{ id: a, on: [POST /**/x/**/y], effect: audit }']);
  const started = performance.now();
  explain(wide, { side: 'acting', method: 'POST', target: `/${'x/'.repeat(300)}z` });
  expect(performance.now() - started).toBeLessThan(500);
});
