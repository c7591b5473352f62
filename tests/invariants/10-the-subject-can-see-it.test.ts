/**
 * The story: a shopper found things in her cart that she had not put there, and an order that she had not placed. Nobody
 * had told her, and the shop's own log said that it was her. While somebody helps her she is told who, since when and
 * until when; afterwards the order and the record say so.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { MINUTE, NOON, startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';

let system: System;
let mia: Visitor;
let sam: Visitor;
let sue: Visitor;

beforeAll(async () => {
  system = await startSystem();
  [mia, sam, sue] = [visitor(system.url), visitor(system.url), visitor(system.url)];
  await mia.signIn('mia@valley.example');
  await sam.signIn('sam@valley.example');
  await sue.signIn('sue@valley.example');
  await mia.actAs('u-sam', 'phone order');
});
afterAll(() => system.close());

const NOTICE = 'currently helping you';
const plain = (html: string): string => html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');

test('every page of the shopper says who is helping, since when and until when, in the market’s own time', async () => {
  for (const path of ['/market', '/cart', '/checkout', '/orders', '/account']) {
    const page = await sam.visit(path);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(plain(html), path).toContain('Mia from your market is currently helping you.');
    expect(plain(html), path).toContain('Started at 12:00 PM EDT');
    expect(plain(html), path).toContain('12:30 PM EDT');
    expect(plain(html), path).toContain('2:00 PM EDT');
    // Who the manager is beyond the first name is not theirs to tell.
    expect(html, path).not.toContain('mia@valley.example');
  }
});

test('so does the status that the page’s script asks for, and it says nothing of it to anybody else', async () => {
  const assisted = async (who: Visitor): Promise<unknown> =>
    (await jsonOf(await who.get('/_act-as/status'), z.looseObject({ assisted: z.unknown() }))).assisted;
  expect(await assisted(sam)).toEqual({
    actor_first_name: 'Mia',
    started_at: NOON,
    idle_expires_at: NOON + 30 * MINUTE,
    absolute_expires_at: NOON + 120 * MINUTE,
    paused: true,
  });
  expect(await assisted(sue)).toBeNull();
  expect(await (await sue.visit('/market')).text()).not.toContain(NOTICE);
});

test('the shopper’s cart and checkout wait, with words a person understands, however they are spelt', async () => {
  for (const [method, path] of [
    ['POST', '/api/cart/items'],
    ['PUT', '/api/cart/items/1'],
    ['DELETE', '/api/cart/items/1'],
    ['POST', '/api/orders'],
    ['POST', '/API/Orders/'],
    ['POST', '/api//orders'],
    ['POST', '/api/%6Frders'],
    ['POST', '/api/orders.json'],
    ['POST', '/api/x/../orders'],
  ] as const) {
    const response = await sam.send(method, path, {});
    // fetch itself resolves dots; either spelling waits.
    expect(response.status, `${method} ${path}`).toBe(423);
    expect(await response.json()).toMatchObject({
      code: 'paused',
      detail: expect.stringContaining('Mia from your market') as unknown,
    });
  }
  expect((await sam.get('/api/cart')).status).toBe(200);
  expect(
    (await sue.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 })).status,
  ).toBeLessThan(300);
});

test('every device of the shopper waits, the one that signs in meanwhile too', async () => {
  const phone = visitor(system.url);
  await phone.signIn('sam@valley.example');
  expect((await phone.send('POST', '/api/orders', {})).status).toBe(423);
  expect(await (await phone.visit('/market')).text()).toContain(NOTICE);
});

let orderId: string;

test('the order says who placed it, on the shopper’s own pages', async () => {
  const placed = await mia.send('POST', '/api/orders', { note: 'no bags please' });
  expect(placed.status).toBe(201);
  const { order } = await jsonOf(
    placed,
    z.looseObject({ order: z.looseObject({ id: z.coerce.string(), note: z.string() }) }),
  );
  orderId = order.id;
  expect(order.note).toBe('Placed by Mia Moreno, market manager\nno bags please');
  expect(await (await sam.visit(`/orders/${orderId}`)).text()).toContain(
    'Placed by Mia Moreno, market manager',
  );
});

test('afterwards the shopper is free, the notice is gone, and the record and the CSV tell the whole of it', async () => {
  expect((await mia.stop()).status).toBe(200);
  expect(await (await sam.visit('/market')).text()).not.toContain(NOTICE);
  expect(
    (await sam.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 })).status,
  ).toBeLessThan(300);
  expect((await eventsSeenBy(mia)).map(({ event, action, reason }) => [event, action, reason])).toEqual([
    ['start', 'start_acting', 'phone order'],
    ['action', 'place_order', null],
    ['stop', 'stop_acting', null],
  ]);
  const csv = await (await mia.get('/admin/impersonation-audit/export.csv')).text();
  expect(csv.split('\r\n')[0]?.split(',')).toHaveLength(15);
  expect(csv).toContain('place_order');
  expect(csv).toContain('sam@valley.example');
});

test('the notice goes by itself when the session runs out', async () => {
  await mia.actAs('u-sam');
  expect(await (await sam.visit('/market')).text()).toContain(NOTICE);
  await system.pass(31 * MINUTE);
  expect(await (await sam.visit('/market')).text()).not.toContain(NOTICE);
  expect(
    (await sam.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 })).status,
  ).toBeLessThan(300);
});
