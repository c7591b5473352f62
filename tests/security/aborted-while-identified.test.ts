/**
 * The story: while anybody was being helped, a stranger without an account sent the first bytes of 256 cart writes and
 * hung up while the gateway was still asking the app who they were. `streamOf` listens for `aborted` after it has
 * happened, so the body never ends, undici never times out a request that is still being written, and every connection
 * of the pool is gone until the gateway is restarted: no shopper shops.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startLenientSystem } from './lenient-system.ts';
import { message } from './raw-exchange.ts';

test('writes broken off while their sender is being identified leave the pool free', async () => {
  const lenient = await startLenientSystem({
    editGateway: (yaml) =>
      yaml
        .replace('connect_timeout: 5s', 'connect_timeout: 5s\n  connections: 4')
        .replace('headers_timeout: 30s', 'headers_timeout: 1s'),
  });
  try {
    await lenient.person('u-mia').actAs('u-sam');
    lenient.upstream.behave(({ target, as }, response) => {
      if (target !== '/api/me' || as?.startsWith('stranger') !== true) return false;
      setTimeout(() => response.writeHead(401, { 'content-type': 'application/json' }).end('{}'), 300);
      return true;
    });
    const { host, port } = new URL(lenient.system.url);
    for (let one = 0; one < 4; one += 1) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      socket.write(
        message(
          [
            'POST /api/cart/items HTTP/1.1',
            `Host: ${host}`,
            `Cookie: market_session=stranger${one}`,
            'Content-Length: 2000',
          ],
          '{"a":',
        ),
      );
      setTimeout(() => socket.resetAndDestroy(), 100);
    }
    await sleep(3_000);
    const status = await fetch(`${lenient.system.url}/api/messages`, {
      method: 'POST',
      body: 'hello',
      signal: AbortSignal.timeout(3_000),
    }).then(
      (answer) => answer.status,
      (error: Error) => error.name,
    );
    expect(status).toBe(201);
  } finally {
    await Promise.race([lenient.close(), sleep(1_000)]);
  }
});
