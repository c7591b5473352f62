/** The golden table of the policy that ships: who may act as whom, and what every line of policy.yaml does. */
import { describe, expect, it } from 'vitest';
import { marketOpenApi } from './authoring/market-open-api.ts';
import { cora, gus, hal, ina, max, mia, person, root, sam, sara, sue, vic } from './people.ts';
import { ask, load, SHIPPED, verdict } from './loaded.ts';

const policy = load(SHIPPED);

describe('who may act as whom', () => {
  const both = person('Bea', ['shopper', 'market_manager']);
  const table = [
    [mia, sam, 'full'],
    [mia, sue, 'full'],
    [mia, gus, 'full'],
    [mia, vic, 'full'],
    [max, hal, 'full'],
    [sara, sam, 'full'],
    [mia, hal, 'other_market'],
    [max, sam, 'other_market'],
    [mia, ina, 'subject_inactive'],
    [max, ina, 'other_market'],
    [mia, mia, 'self'],
    [mia, person('Moe', ['market_manager']), 'subject_protected'],
    [mia, both, 'subject_protected'],
    [mia, root, 'subject_protected'],
    [mia, sara, 'subject_role'],
    [mia, person('Nora', []), 'subject_role'],
    [mia, person('Ada', ['shopper', 'accountant']), 'subject_role'],
    [mia, person('Una', ['shopper', 'volunteer']), 'full'],
    [mia, person('Una', ['shopper'], { market: null }), 'other_market'],
    [sara, sue, 'not_assigned'],
    [{ ...sara, claims: { access_all: true } }, sue, 'full'],
    [{ ...sara, claims: { access_all: 1 } }, sue, 'not_assigned'],
    [cora, sam, 'full'],
    [cora, sue, 'full'],
    [cora, hal, 'other_market'],
    [cora, ina, 'subject_inactive'],
    [cora, gus, 'subject_role'],
    [{ ...cora, claims: {} }, sue, 'not_assigned'],
    [{ ...cora, active: false }, sam, 'actor_inactive'],
    [mia, cora, 'subject_role'],
    [sara, gus, 'subject_role'],
    [sue, sam, 'actor_not_permitted'],
    [vic, sam, 'actor_not_permitted'],
    [gus, sam, 'actor_not_permitted'],
    [root, sam, 'actor_not_permitted'],
    [person('Moe', ['market_manager'], { active: false }), sam, 'actor_inactive'],
    [
      person('Moe', ['market_manager'], { market: null }),
      person('Una', ['shopper'], { market: null }),
      'other_market',
    ],
  ] as const;
  for (const [actor, subject, expected] of table)
    it(`${actor.name} (${actor.roles.join()}) as ${subject.name} (${subject.roles.join()}): ${expected}`, () => {
      const permission = policy.mayActFor(actor, subject);
      expect(permission.allowed ? permission.mode : permission.reason).toBe(expected);
    });

  it('offers the feature at all to managers, sales staff and customer service only', () => {
    const offered = [mia, max, sara, cora, root, sue, vic, gus, ina].filter((one) => policy.mayActAtAll(one));
    expect(offered.map((one) => one.id)).toEqual(['mia', 'max', 'sara', 'cora']);
  });

  it('shows managers the record of their own market, superusers every market, nobody else anything', () => {
    expect([mia, root, sara, sue, { ...mia, active: false }].map((one) => policy.mayReview(one))).toEqual([
      'own_market',
      'every_market',
      null,
      null,
      null,
    ]);
  });
});

describe('while acting', () => {
  const table = [
    // request, effect, rule or reason, action
    ['PUT /api/password', 'block', 'change-password', 'change_password_blocked'],
    ['POST /api/cards', 'block', 'add-card', 'add_card_blocked'],
    ['DELETE /api/cards/7', 'block', 'remove-card', 'remove_card_blocked'],
    ['POST /api/balance/funds', 'block', 'add-funds', 'add_funds_blocked'],
    ['POST /api/account/deactivate', 'block', 'deactivate-account', 'deactivate_account_blocked'],
    ['PUT /api/preferences', 'block', 'update-preferences', 'update_preferences_blocked'],
    ['PUT /api/cart/items/3/price', 'block', 'edit-price-or-give-away', 'edit_price_blocked'],
    ['POST /api/cart/items/3/price', 'block', 'otherwise_writes', 'unlisted_write_blocked'],
    ['PUT /API/cart/items/3/price', 'block', 'otherwise_writes', 'unlisted_write_blocked'],
    ['PUT /api/staff/members/u-sara', 'block', 'staff-tools', 'staff_tools_blocked'],
    ['POST /api/staff/customers/u-sam/notes', 'block', 'staff-tools', 'staff_tools_blocked'],
    ['POST /api/login', 'block', 'sign-in', 'sign_in_blocked'],
    ['POST /api/logout', 'confirm', 'sign-out', null],
    ['GET /logout', 'confirm', 'sign-out', null],
    ['HEAD /logout', 'confirm', 'sign-out', null],
    ['POST /api/orders', 'audit', 'place-order', 'place_order'],
    ['POST /api/cart/items', 'audit', 'add-to-cart', 'add_to_cart'],
    ['PUT /api/cart/items/3', 'audit', 'update-cart-item', 'update_cart_item'],
    ['DELETE /api/cart/items/3', 'audit', 'remove-from-cart', 'remove_from_cart'],
    ['PUT /api/cart/coupon', 'audit', 'apply-coupon', 'apply_coupon'],
    ['DELETE /api/cart/coupon', 'audit', 'remove-coupon', 'remove_coupon'],
    ['POST /api/orders/V-1/cancel', 'audit', 'cancel-order', 'cancel_order'],
    ['POST /api/wishlist', 'audit', 'add-to-wishlist', 'add_to_wishlist'],
    ['DELETE /api/wishlist/honey', 'audit', 'remove-from-wishlist', 'remove_from_wishlist'],
    ['POST /api/addresses', 'audit', 'add-address', 'add_address'],
    ['PUT /api/addresses/3', 'audit', 'update-address', 'update_address'],
    ['DELETE /api/addresses/3', 'audit', 'remove-address', 'remove_address'],
    ['PUT /api/profile', 'audit', 'update-profile', 'update_profile'],
    ['PUT /api/pickup-location', 'audit', 'update-pickup-location', 'update_pickup_location'],
    ['GET /staff', 'block', 'restricted-pages', 'restricted_page_blocked'],
    ['GET /Staff/Orders/', 'block', 'restricted-pages', 'restricted_page_blocked'],
    ['GET /wishlist', 'allow', 'otherwise_reads', null],
    ['GET /api/cart/items/3/prices', 'allow', 'otherwise_reads', null],
    ['GET /market', 'allow', 'otherwise_reads', null],
    ['GET /users/list', 'allow', 'otherwise_reads', null],
    ['GET /api/cards', 'allow', 'otherwise_reads', null],
    ['GET /api/orders/9', 'allow', 'otherwise_reads', null],
    ['OPTIONS /api/orders', 'allow', 'otherwise_reads', null],
    ['POST /api/customers', 'block', 'manage-customers', 'manage_customers_blocked'],
    ['PUT /api/customers/1', 'block', 'manage-customers', 'manage_customers_blocked'],
    ['PUT /api/products/kale/available', 'block', 'note-available', 'note_available_blocked'],
    ['POST /api/mail/failures', 'block', 'note-mail-failure', 'note_mail_failure_blocked'],
    ['POST /api/gifts', 'block', 'otherwise_writes', 'unlisted_write_blocked'],
    ['PURGE /market', 'block', 'otherwise_writes', 'unlisted_write_blocked'],
  ] as const;
  for (const [line, effect, by, action] of table)
    it(`${line}: ${effect} by ${by}`, () => {
      const decision = ask(policy, line);
      expect([decision.effect, decision.rule ?? decision.reason, decision.action]).toEqual([
        effect,
        by,
        action,
      ]);
    });

  it('signs the order with the name of the manager, and keeps its number and sums', () => {
    expect(ask(policy, 'POST /api/orders').obligations).toEqual({
      amend: { json: { '/note': 'Placed by Mia Moreno, market manager' }, form: {}, header: {} },
      capture: { order_id: '/order/id', subtotal: '/order/subtotal', total: '/order/total' },
    });
  });

  it('signs it with the role by which the actor acts, whoever that is', () => {
    expect(ask(policy, 'POST /api/orders', { actor: sara }).obligations.amend.json).toEqual({
      '/note': 'Placed by Sara, sales staff',
    });
  });

  it('blocks what is off-limits in every spelling and by every method that writes', () => {
    const offLimits: readonly (readonly [rule: string, path: string])[] = [
      ['change-password', '/api/password'],
      ['add-card', '/api/cards'],
      ['remove-card', '/api/cards/7'],
      ['add-funds', '/api/balance/funds'],
      ['deactivate-account', '/api/account/deactivate'],
      ['update-preferences', '/api/preferences'],
      ['sign-in', '/api/login'],
    ];
    for (const [rule, path] of offLimits)
      for (const spelling of [path, path.toUpperCase(), `${path}/`, `${path}.json`, path.replace('a', '%61')])
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'])
          expect(verdict(policy, `${method} ${spelling}`), `${method} ${spelling}`).toBe(`block ${rule}`);
  });
});

describe('the reference market', async () => {
  const { paths } = await marketOpenApi();
  const writes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => !/^(?:get|head|options)$/.test(method))
      .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '7')}`),
  );
  it('has writes to name', () => expect(writes.length).toBeGreaterThan(12));
  it.each(writes)('has %s, which a rule of the file names', (line) =>
    expect(ask(policy, line).rule).not.toBeNull(),
  );
});

describe('while assisted', () => {
  const table = [
    ['POST /api/cart/items', 'pause', 'pause-cart'],
    ['PUT /api/cart/items/3', 'pause', 'pause-cart'],
    ['DELETE /api/cart/items/3', 'pause', 'pause-cart'],
    ['PUT /api/cart/items/3/price', 'pause', 'pause-cart'],
    ['PUT /api/cart/coupon', 'pause', 'pause-cart'],
    ['POST /api/orders/V-1/cancel', 'pause', 'pause-orders'],
    ['POST /api//cart/items', 'pause', 'pause-cart'],
    ['POST /api/%63art/items/', 'pause', 'pause-cart'],
    ['POST /api/x/..%2fcart/items', 'pause', 'pause-cart'],
    ['POST /API/cart;a=b/items', 'pause', 'pause-cart'],
    ['POST /api/orders', 'pause', 'pause-orders'],
    ['POST /API/Orders/', 'pause', 'pause-orders'],
    ['GET /api/cart', 'allow', 'not_paused'],
    ['GET /checkout', 'allow', 'not_paused'],
    ['PUT /api/password', 'allow', 'not_paused'],
    ['POST /api/logout', 'allow', 'not_paused'],
    ['POST /api/cartoons', 'allow', 'not_paused'],
  ] as const;
  for (const [line, effect, by] of table)
    it(`${line}: ${effect} by ${by}`, () =>
      expect(verdict(policy, line, { side: 'assisted' })).toBe(`${effect} ${by}`));
});

describe('the settings', () => {
  it('are those of the manual: 250 characters, 30 minutes, 2 hours, /market, two markets', () => {
    expect(policy.settings).toMatchObject({
      reason: { maxLength: 250, required: false },
      idleTimeoutMs: 1_800_000,
      absoluteTimeoutMs: 7_200_000,
      landOn: '/market',
      otherwise: { reads: 'allow', writes: 'block' },
    });
    expect([...policy.settings.markets.values()]).toEqual([
      { id: 'valley', name: 'Valley Market', timezone: 'America/New_York', currency: 'USD' },
      { id: 'hill', name: 'Hill Market', timezone: 'America/Los_Angeles', currency: 'USD' },
    ]);
  });

  it('ask the sign-out question on the two ways out', () => {
    expect(policy.confirmRoutes().map(({ methods, pattern }) => `${methods.join('|')} ${pattern}`)).toEqual([
      'POST /api/logout',
      'GET /logout',
    ]);
  });

  it('name each rule once in the tables above', () => {
    expect(policy.rules.map((rule) => rule.id)).toEqual([
      'change-password',
      'add-card',
      'remove-card',
      'add-funds',
      'deactivate-account',
      'update-preferences',
      'staff-tools',
      'restricted-pages',
      'manage-customers',
      'note-available',
      'note-mail-failure',
      'reset-password',
      'sign-in',
      'sign-out',
      'place-order',
      'add-to-cart',
      'update-cart-item',
      'remove-from-cart',
      'apply-coupon',
      'remove-coupon',
      'cancel-order',
      'add-to-wishlist',
      'remove-from-wishlist',
      'add-address',
      'update-address',
      'remove-address',
      'update-profile',
      'update-pickup-location',
      'edit-price',
      'edit-price-or-give-away',
      'pause-cart',
      'pause-orders',
    ]);
  });

  it('know the line of each rule and its words for people', () => {
    const [first] = policy.rules;
    expect(SHIPPED.split('\n')[(first?.line ?? 0) - 1]).toContain('id: change-password');
    expect(policy.labelOf('change-password')).toBe('Changing the password');
    expect(policy.labelOf('constructor')).toBeNull();
  });
});
