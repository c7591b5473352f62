/**
 * The story: a salesman sold a crate of honey for minus forty dollars, another typed "free" and the shop took it for
 * nothing, and a third changed prices who had never been allowed to. Prices are edited by those whom the app lets edit
 * them, to a whole number of cents, and to nothing only where that is usual.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventsSeenBy, type EventRow } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { sendRaw } from './send-raw.ts';

const itemSchema = z.object({ id: z.string(), name: z.string(), price: z.number(), list_price: z.number() });
const cartSchema = z.object({ cart: z.object({ items: z.array(itemSchema) }) });
const problemSchema = z.object({ code: z.string(), detail: z.string() });
type Item = z.output<typeof itemSchema>;

let system: System;
let sara: Visitor;
let root: Visitor;
let item: Item;

beforeAll(async () => {
  system = await startSystem();
  [sara, root] = [visitor(system.url), visitor(system.url)];
  await sara.signIn('sara@valley.example');
  await root.signIn('root@market.example');
  await sara.actAs('u-sam');
});
beforeEach(async () => {
  item = await firstItem(sara);
});
afterAll(() => system.close());

async function firstItem(who: Visitor): Promise<Item> {
  const { cart } = cartSchema.parse(await (await who.get('/api/cart')).json());
  const [first] = cart.items;
  if (first === undefined) throw new Error('the cart is empty');
  return first;
}

const lastEvent = async (): Promise<EventRow | undefined> => (await eventsSeenBy(root)).at(-1);
const edit = (who: Visitor, body: string, type = 'application/json'): Promise<Response> =>
  sendRaw(system.url, who, `PUT /api/cart/items/${item.id}/price`, { type, body });

describe('sales staff who may edit prices', () => {
  it.each([
    ['reduce a price', 100],
    ['raise a price', 99_900],
    ['give an item away where the market does', 0],
  ])('%s, and the record has the price before and after', async (_, price) => {
    expect((await edit(sara, JSON.stringify({ price }))).status).toBe(200);
    expect((await firstItem(sara)).price).toBe(price);
    // Its end is written a moment after the answer.
    await expect.poll(lastEvent).toMatchObject({
      event: 'action',
      outcome: 'ok',
      action: 'edit_price',
      manager_name: 'Sara Lindgren',
      customer_name: 'Sam Whitaker',
      details: { item: item.name, price, list_price: item.list_price },
    });
  });

  it('sign the order with their own role', async () => {
    const order = await sara.send('POST', '/api/orders', {});
    expect(order.status).toBe(201);
    expect(await order.json()).toMatchObject({
      order: { note: 'Placed by Sara Lindgren, sales staff' },
    });
    await sara.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 });
  });

  it.each([['Leave it at the gate.\nThe dog is friendly.'], ['x'.repeat(500)]])(
    'and what was typed as a note stands below that, all of it',
    async (note) => {
      const order = await sara.send('POST', '/api/orders', { note });
      expect(await order.json()).toMatchObject({
        order: { note: `Placed by Sara Lindgren, sales staff\n${note}` },
      });
      await sara.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 });
    },
  );
});

describe('a price that is none', () => {
  const table: readonly (readonly [body: string, why: string])[] = [
    ['{"price":-1}', 'price must be >= 0'],
    ['{"price":-0}', 'price must be integer'],
    ['{"price":3.5}', 'price must be integer'],
    ['{"price":1e3}', 'price must be integer'],
    ['{"price":1E-9}', 'price must be integer'],
    ['{"price":100000000000000000000000000000}', 'price must be integer'],
    ['{"price":"5"}', 'price must be integer'],
    ['{"price":"free"}', 'price must be integer'],
    ['{"price":null}', 'price must be integer'],
    ['{"price":[5]}', 'price must be integer'],
    ['{"price":true}', 'price must be integer'],
    ['{}', 'required property'],
    ['[]', 'must be object'],
    ['{"price":5,"quantity":2}', 'a field that the rule does not know'],
  ];
  it.each(table)(
    '%s is blocked: people are told what a price is, and the record what was missed',
    async (body, why) => {
      const before = await firstItem(sara);
      const response = await edit(sara, body);
      expect(response.status).toBe(403);
      const problem = problemSchema.parse(await response.json());
      expect(problem.code).toBe('blocked');
      expect(problem.detail).toBe(
        'A price is $0.00 or more, in whole cents. Nothing was changed; the attempt was recorded.',
      );
      expect((await firstItem(sara)).price).toBe(before.price);
      const event = await lastEvent();
      expect(event).toMatchObject({
        event: 'blocked',
        outcome: 'blocked',
        action: 'edit_price_blocked',
        status_code: 403,
      });
      expect(String(event?.details['why'])).toContain(why);
    },
  );

  it.each([
    ['{"price":NaN}', 'application/json', 'body_not_json'],
    ['{"price":5,"price":-5}', 'application/json', 'body_duplicate_key'],
    ['{"price":5,"Price":-5}', 'application/json', 'body_duplicate_key'],
    ['{"price":5,"pric\\u0065":-5}', 'application/json', 'body_duplicate_key'],
    ['\ufeff{"price":5}', 'application/json', 'body_bom'],
    ['{"price":5}//', 'application/json', 'body_not_json'],
    ['{"price":5}', 'application/json; charset=utf-16', 'content_type'],
    ['price=5&price=-5', 'application/x-www-form-urlencoded', 'body_duplicate_key'],
  ])('%s (%s) has no single meaning: %s', async (body, type, fault) => {
    const response = await edit(sara, body, type);
    expect([400, 415]).toContain(response.status);
    expect(await response.json()).toMatchObject({ code: 'unsettled_request', fault });
    expect(await lastEvent()).toMatchObject({ event: 'blocked', action: 'unsettled_request' });
  });

  it('is none as a form or as plain text either, nor without a body', async () => {
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', 'price=5'],
      ['text/plain', '{"price":5}'],
      ['application/json', ''],
    ] as const)
      expect((await edit(sara, body, type)).status, type).toBe(403);
  });
});

describe('everyone else', () => {
  it('may not edit prices: the app does not say that a manager may', async () => {
    const mia = visitor(system.url);
    await mia.signIn('mia@valley.example');
    await mia.actAs('u-sue');
    item = await firstItem(mia);
    const response = await edit(mia, '{"price":100}');
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: 'blocked',
      detail:
        'Changing the price of an item isn’t available like this: you would need the permission “can edit price”. The attempt was recorded.',
    });
    expect(await lastEvent()).toMatchObject({ action: 'edit_price_blocked', manager_name: 'Mia Moreno' });
    expect((await firstItem(mia)).price).toBe(item.price);
    await mia.stop();
  });

  it('may not act for customers who are not assigned to them, to begin with', async () => {
    const other = visitor(system.url);
    await other.signIn('sara@valley.example');
    const response = await other.send('POST', '/_act-as/sessions', { subject: 'u-sue' });
    expect(response.status).toBe(403);
  });
});
