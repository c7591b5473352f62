/**
 * The story: a representative and the shopper she helps both change one cart, and what is ordered is neither's. Under
 * `pause: on_lock` the cart has one writer at any time: the shopper, until the representative locks it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { submitForm } from './submit-form.ts';

let system: System;
let cora: Visitor;
let mia: Visitor;
let sam: Visitor;
let root: Visitor;

beforeAll(async () => {
  system = await startSystem();
  [cora, mia, sam, root] = [
    visitor(system.url),
    visitor(system.url),
    visitor(system.url),
    visitor(system.url),
  ];
  await cora.signIn('cora@valley.example');
  await mia.signIn('mia@valley.example');
  await sam.signIn('sam@valley.example');
  await root.signIn('root@market.example');
});
afterEach(async () => {
  await cora.stop();
  await mia.stop();
});
afterAll(() => system.close());

const honey = { product_id: 'honey', quantity: 1 };
const put = async (who: Visitor): Promise<number> =>
  (await who.send('POST', '/api/cart/items', honey)).status;
const lock = (who: Visitor, locked: boolean): Promise<Response> =>
  who.send('POST', '/_act-as/lock', { locked });

describe('a cart that is not locked', () => {
  it('is the shopper’s alone, and whoever helps is told to lock it first', async () => {
    await cora.actAs('u-sam');
    const refused = await cora.send('POST', '/api/cart/items', honey);
    expect(refused.status).toBe(423);
    const problem = z.object({ code: z.string(), detail: z.string() }).parse(await refused.json());
    expect(problem.code).toBe('not_locked');
    expect(problem.detail).toContain('Lock Sam Whitaker’s cart first');
    expect(refused.headers.get('server-timing')).toContain('not_locked');
    expect(await put(sam)).toBe(201);
    const page = await (await sam.visit('/market')).text();
    expect(page).toMatch(/data-part="paused" hidden/);
    expect(await (await sam.get('/_act-as/status')).json()).toMatchObject({ assisted: { paused: false } });
  });

  it('does not keep the representative from what nobody else writes', async () => {
    await cora.actAs('u-sam');
    expect((await cora.send('POST', '/api/wishlist', { product_id: 'honey' })).status).toBeLessThan(300);
    expect((await cora.get('/api/cart')).status).toBe(200);
    expect((await cora.send('POST', '/api/cards', {})).status).toBe(403);
  });
});

describe('locking', () => {
  it('pauses the shopper and opens the cart to the representative, until it is unlocked', async () => {
    await cora.actAs('u-sam');
    expect(await (await cora.get('/_act-as/status')).json()).toMatchObject({ acting: { lock: 'unlocked' } });
    expect((await lock(cora, true)).status).toBe(200);
    expect(await (await cora.get('/_act-as/status')).json()).toMatchObject({ acting: { lock: 'locked' } });
    expect(await put(cora)).toBe(201);
    const paused = await sam.send('POST', '/api/cart/items', honey);
    expect(paused.status).toBe(423);
    expect(await paused.json()).toMatchObject({ code: 'paused' });
    expect((await lock(cora, false)).status).toBe(200);
    expect(await put(sam)).toBe(201);
    expect(await put(cora)).toBe(423);
  });

  it('stands on the record, each time', async () => {
    await cora.actAs('u-sam');
    await lock(cora, true);
    await lock(cora, true);
    await lock(cora, false);
    const lately = (await eventsSeenBy(root)).slice(-3);
    expect(lately.map(({ event, action, outcome, path }) => [event, action, outcome, path])).toEqual([
      ['start', 'start_acting', 'ok', '/_act-as/sessions'],
      ['action', 'lock_cart', 'ok', '/_act-as/lock'],
      ['action', 'unlock_cart', 'ok', '/_act-as/lock'],
    ]);
  });

  it('works without a script, goes back to the page, and says what is so now', async () => {
    await cora.actAs('u-sam');
    await cora.visit('/cart');
    const referer = `${system.url}/cart`;
    const done = await submitForm(system.url, cora, '/_act-as/lock', { locked: 'true' }, { referer });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/cart']);
    const page = await (await cora.visit('/cart')).text();
    expect(page).toContain('cart is locked: only you can change it now');
    expect(page).toContain('Unlock cart');
  });

  it('is over with the session', async () => {
    await cora.actAs('u-sam');
    await lock(cora, true);
    await cora.stop();
    expect(await put(sam)).toBe(201);
  });

  it('is taken over with a colleague’s seat, and the shopper does not slip in between', async () => {
    const colleague = visitor(system.url);
    await colleague.signIn('mia@valley.example');
    await cora.actAs('u-sam');
    await lock(cora, true);
    const started = await colleague.send('POST', '/_act-as/sessions', { subject: 'u-sam', takeover: true });
    expect(started.status).toBe(201);
    expect(await put(sam)).toBe(423);
    await colleague.stop();
    // And the other way: a representative who takes a manager's seat has the lock that came with it.
    await mia.actAs('u-sam');
    expect((await cora.send('POST', '/_act-as/sessions', { subject: 'u-sam', takeover: true })).status).toBe(
      201,
    );
    expect(await (await cora.get('/_act-as/status')).json()).toMatchObject({ acting: { lock: 'locked' } });
    expect(await put(cora)).toBe(201);
  });

  it('is nobody’s without a session, from another site, in another’s words, or where the session itself pauses', async () => {
    expect((await lock(visitor(system.url), true)).status).toBe(409);
    await cora.actAs('u-sam');
    expect((await cora.send('POST', '/_act-as/lock', { locked: 'perhaps' })).status).toBe(422);
    const elsewhere = { origin: 'https://elsewhere.example' };
    expect((await cora.send('POST', '/_act-as/lock', { locked: true }, elsewhere)).status).toBe(403);
    await cora.stop();
    await mia.actAs('u-sue');
    expect((await lock(mia, false)).status).toBe(403);
    await mia.stop();
    expect((await lock(cora, true)).status).toBe(409);
  });

  it('ends with the representative’s own sign-in', async () => {
    const fresh = visitor(system.url);
    await fresh.signIn('cora@valley.example');
    await fresh.actAs('u-sam');
    fresh.cookies.delete('market_session');
    expect((await lock(fresh, true)).status).toBe(401);
    expect(await put(sam)).toBe(201);
  });
});
