/**
 * The story: in many shops a cart answers to whoever knows its id, signed in or not. A shopper whose cart was paused
 * sent the same request without her cookie, and two people wrote into it. Ids seen in the session pause for everyone.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

const cartShape = z.object({ cart: z.object({ items: z.array(z.object({ id: z.string() })).min(1) }) });
let system: System;
let mia: Visitor;
let sam: Visitor;
let stranger: Visitor;
let item: string;

beforeAll(async () => {
  // The items of this market's carts have ids of their own; here they stand for carts.
  system = await startSystem({
    editPolicy: (yaml) =>
      yaml
        .replace(
          'on: [PUT /api/cart/items/:id]\n    effect: audit',
          "on: [PUT /api/cart/items/:id]\n    cart_id: ':id'\n    effect: audit",
        )
        .replace(
          'on: [POST /api/cart/items]\n    effect: audit',
          'on: [POST /api/cart/items]\n    cart_id: /item/id\n    effect: audit',
        )
        .replace(
          '  - id: pause-orders',
          "  - id: pause-by-id\n    while: assisted\n    on: [PUT|DELETE /api/cart/items/:id]\n    effect: pause\n    cart_id: ':id'\n  - id: pause-orders",
        )
        .replace(/^tests:[^]*$/m, ''),
  });
  [mia, sam, stranger] = [visitor(system.url), visitor(system.url), visitor(system.url)];
  await mia.signIn('mia@valley.example');
  await sam.signIn('sam@valley.example');
  item = cartShape.parse(await (await sam.get('/api/cart')).json()).cart.items[0]?.id ?? '';
});
afterEach(() => mia.stop());
afterAll(() => system.close());

const change = (who: Visitor, id: string): Promise<Response> =>
  who.send('PUT', `/api/cart/items/${id}`, { quantity: 3 });

it('a cart that was named in a session pauses whoever names it, and only that one', async () => {
  await mia.actAs('u-sam');
  expect((await change(stranger, item)).status).toBe(401);
  expect((await change(mia, item)).status).toBe(200);
  for (const path of [item, `${item}/`, `%${item.charCodeAt(0).toString(16)}${item.slice(1)}`]) {
    const paused = await change(stranger, path);
    expect([path, paused.status]).toEqual([path, 423]);
  }
  expect((await stranger.send('DELETE', `/api/cart/items/${item}`)).status).toBe(423);
  expect((await stranger.send('POST', `/api/cart/items/${item}?_method=DELETE`, {})).status).toBe(423);
  expect((await change(stranger, 'another')).status).toBe(401);
  await mia.stop();
  expect((await change(stranger, item)).status).toBe(401);
});

it('one that only the answer names pauses as well', async () => {
  await mia.actAs('u-sam');
  const added = z
    .object({ item: z.object({ id: z.string() }) })
    .parse(await (await mia.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 })).json());
  await expect.poll(async () => (await change(stranger, added.item.id)).status).toBe(423);
});

it('the id stands nowhere on the record', async () => {
  const root = visitor(system.url);
  await root.signIn('root@market.example');
  expect(await (await root.get('/admin/impersonation-audit/events.json')).text()).not.toContain('cart id');
});
