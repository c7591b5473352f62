/** One writer in a cart: what the policy says of it before it is locked, and of carts that have ids of their own. */
import { describe, expect, it } from 'vitest';
import { cartKey, settlePath } from '../../policy/index.ts';
import { ask, loadRules, verdict } from './loaded.ts';

const policy = loadRules([
  "{ id: fill, on: ['POST /carts/:cart/items', 'PUT|DELETE /carts/:cart/items/:item'], effect: audit, cart_id: ':cart' }",
  '{ id: begin, on: [POST /carts], effect: audit, cart_id: /cart/id }',
  '{ id: look, on: [POST /carts/:cart/totals], effect: allow, reads: true }',
  '{ id: pay, on: [POST /carts/:cart/pay], effect: block }',
  "{ id: pause-carts, while: assisted, on: ['POST|PUT|DELETE /carts/:cart/**'], effect: pause, cart_id: ':cart' }",
]);

describe('before the cart is locked', () => {
  it.each([
    ['POST /carts/c1/items', 'pause pause-carts'],
    ['PUT /carts/c1/items/3', 'pause pause-carts'],
    ['POST /carts/c1/totals', 'pause pause-carts'],
    ['POST /carts/c1/pay', 'block pay'],
    ['POST /carts', 'audit begin'],
    ['GET /carts/c1', 'allow otherwise_reads'],
    ['POST /elsewhere', 'block otherwise_writes'],
  ])('%s: %s', (line, expected) => {
    expect(verdict(policy, line, { locked: false })).toBe(expected);
  });

  it('the reason is a word of its own, and nothing is recorded as done', () => {
    expect(ask(policy, 'POST /carts/c1/items', { locked: false })).toMatchObject({
      reason: 'not_locked',
      action: null,
    });
  });

  it('the shopper’s own requests go on; once it is locked they pause, and the actor’s go', () => {
    const own = { side: 'assisted' } as const;
    expect(verdict(policy, 'POST /carts/c1/items', { ...own, locked: false })).toBe('allow not_paused');
    expect(verdict(policy, 'POST /carts/c1/items', { ...own, locked: true })).toBe('pause pause-carts');
    expect(verdict(policy, 'POST /carts/c1/items', own)).toBe('pause pause-carts');
    expect(verdict(policy, 'POST /carts/c1/items', { locked: true })).toBe('audit fill');
  });
});

describe('a cart with an id of its own', () => {
  it('is known from the path or from the answer', () => {
    expect(ask(policy, 'POST /carts/cart_01/items').cart).toEqual({ id: 'cart_01' });
    expect(ask(policy, 'POST /carts/%63art_01/items').cart).toEqual({ id: 'cart_01' });
    expect(ask(policy, 'POST /carts').cart).toEqual({ at: '/cart/id' });
    expect(ask(policy, 'POST /carts/c1/totals').cart).toBeNull();
    expect(ask(policy, 'POST /carts/c1/pay').cart).toBeNull();
  });

  it.each([
    ['POST', '/carts/Cart_01/items', ['cart_01']],
    ['PUT', '/CARTS/%63art_01/items/3/', ['cart_01']],
    ['DELETE', '/carts/cart_01;x=1/items/3', ['cart_01']],
    ['POST', '//carts/cart_01/items', ['cart_01']],
    ['POST', '/carts/cart_01', ['cart_01']],
  ])('is named by %s %s, however it is spelt: %j', (method, path, expected) => {
    const found = policy.cartsIn(method, settlePath(path));
    expect(expected.every((id) => found.includes(cartKey(id)))).toBe(true);
  });

  it('is named by no request that nothing pauses', () => {
    for (const [method, path] of [
      ['GET', '/carts/cart_01'],
      ['POST', '/orders/cart_01'],
    ] as const)
      expect(policy.cartsIn(method, settlePath(path))).toEqual([]);
  });
});
