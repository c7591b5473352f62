import { createServer } from 'node:net';
import { Pool } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { forward, type UpstreamResult } from '../../../gateway/forward/forward.ts';
import { upgrading } from '../../../gateway/upgrade/upgrading.ts';

/** What comes of a request to an upstream that answers with these bytes, again and again. */
async function askWho(bytes: string, again: boolean, webSocket = false): Promise<UpstreamResult> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const say = (): void => {
      if (!socket.destroyed) socket.write(bytes, () => (again ? setImmediate(say) : undefined));
    };
    socket.once('data', say);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const pool = new Pool(origin);
  onTestFinished(async () => {
    await pool.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const sender = webSocket ? upgrading(pool).sender : pool;
  return forward(sender, origin, { method: 'GET', target: '/', headers: ['host', 'market'], body: null })
    .result;
}

const failure = (result: UpstreamResult): unknown =>
  result.kind === 'failed' && { failure: result.failure, maySent: result.maySent, cause: result.cause };

const FINAL = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

test('interim answers go no further, and the answer behind them does', async () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\nLink: </a>\r\n\r\n';
  const result = await askWho(early.repeat(50) + FINAL, false);
  expect(result).toMatchObject({ kind: 'answered', status: 200, headers: ['content-length', '0'] });
});

test('interim answers without end are no answer, however short the pauses between them', async () => {
  const result = await askWho('HTTP/1.1 102 Processing\r\n\r\n', true);
  expect(failure(result)).toMatchObject({
    failure: 'broken',
    maySent: true,
    cause: { code: 'endless_1xx' },
  });
});

test.each([
  ['of a request for nothing of the kind', false],
  ['that names no protocol, of a request for a WebSocket', true],
])('a 101 %s is no answer', async (_story, webSocket) => {
  const result = await askWho(
    `HTTP/1.1 101 Switching Protocols\r\nX-One: 1\r\n\r\n${FINAL}`,
    false,
    webSocket,
  );
  expect(failure(result)).toMatchObject({ failure: 'broken', maySent: true, cause: { code: 'unasked_101' } });
});
