/**
 * The story: the shopper being helped sent sixteen thousand letters of `User-Agent`. The gateway's question "who is this?"
 * carries that line and two of its own, so it was just too long for the app (431), while the shopper's DELETE was just
 * not: the gateway took 431 for an app that is down, failed open, and the paused cart changed. Whoever asks must not be
 * able to make the question fail.
 */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startSystem } from '../system.ts';
import { z } from 'zod';
import { visitor } from '../visitor.ts';
import { jsonOf } from './json-of.ts';

const withId = z.array(z.object({ id: z.string() }));
const productsShape = z.object({ products: withId });
const cartShape = z.object({ cart: z.object({ items: withId }) });

test('no length of a header gets a paused write through', async () => {
  const system = await startSystem();
  try {
    const sam = visitor(system.url);
    await sam.signIn('sam@valley.example');
    const { products } = await jsonOf(await sam.get('/api/products'), productsShape);
    expect(
      (await sam.send('POST', '/api/cart/items', { product_id: products[0]?.id, quantity: 1 })).status,
    ).toBe(201);
    const { cart } = await jsonOf(await sam.get('/api/cart'), cartShape);
    const mia = visitor(system.url);
    await mia.signIn('mia@valley.example');
    await mia.actAs('u-sam');

    const { host, port } = new URL(system.url);
    const cookie = `market_session=${sam.cookies.get('market_session')}`;
    const remove = (letters: number): Promise<number> =>
      new Promise((resolve) => {
        const headers = { host, cookie, 'user-agent': 'a'.repeat(letters) };
        request(
          {
            port,
            host: '127.0.0.1',
            method: 'DELETE',
            path: `/api/cart/items/${cart.items[0]?.id ?? ''}`,
            headers,
            agent: false,
          },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode ?? 0);
          },
        )
          .on('error', () => resolve(0))
          .end();
      });
    // The window is some thirty bytes wide and lies where the app's own limit (16 KiB in Node) is reached.
    for (let letters = 15_700; letters < 16_300; letters += 8) {
      const status = await remove(letters);
      expect([0, 400, 409, 423, 431, 503], `${letters} letters`).toContain(status);
    }
  } finally {
    await system.close();
  }
});
