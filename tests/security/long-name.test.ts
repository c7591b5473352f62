/**
 * The story: a shopper who was being helped renamed herself to a thousand letters. The gateway could not "read" her any
 * more, took that for an app that is down, failed open, and her cart had two writers; and every request of the manager
 * got 502. What an app's user may write into a display field must not decide who they are.
 */
import { expect, test } from 'vitest';
import { startLenientSystem } from './lenient-system.ts';

test('a name too long to show is shortened, not unreadable', async () => {
  const lenient = await startLenientSystem();
  try {
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    Object.assign(lenient.upstream.people.get('u-sam') ?? {}, { name: 'x'.repeat(1001) });
    const paused = await lenient.person('u-sam').send('POST', '/api/cart/items', {});
    expect(paused.status).toBe(423);
    expect((await mia.send('POST', '/api/cart/items', {})).status).toBe(201);
  } finally {
    await lenient.close();
  }
});
