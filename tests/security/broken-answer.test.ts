/**
 * The story: the app broke off in the middle of its answer to an order. The manager's browser was never told: the answer
 * neither ended nor broke, the page waited for ever, and each such answer kept a connection. (`patient` is destroyed
 * without an error, and then leaves the response open.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startLenientSystem } from './lenient-system.ts';

test('an audited write whose answer breaks off breaks off at the browser too', async () => {
  const lenient = await startLenientSystem();
  try {
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/api/cart/items') return false;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"a":');
      setTimeout(() => response.destroy(), 50);
      return true;
    });
    const answer = await mia.send('POST', '/api/cart/items', {});
    const how = await Promise.race([
      answer.text().then(
        () => 'whole',
        () => 'broken',
      ),
      sleep(2_000).then(() => 'still waiting'),
    ]);
    expect(how).toBe('broken');
  } finally {
    await Promise.race([lenient.close(), sleep(1_000)]);
  }
});
