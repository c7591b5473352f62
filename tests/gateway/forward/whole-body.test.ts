import { createServer, request, type Server } from 'node:http';
import { Pool } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { deliver } from '../../../gateway/deliver.ts';
import { forward } from '../../../gateway/forward/forward.ts';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** An upstream that answers with this body, and the least of a gateway in front of it. */
async function through(body: Buffer, headers: readonly string[]): Promise<string> {
  const upstream = await listen(
    createServer((_incoming, response) => {
      response.writeHead(200, [...headers]);
      response.end(body);
    }),
  );
  const pool = new Pool(upstream);
  onTestFinished(() => pool.destroy());
  return listen(
    createServer((incoming, response) => {
      const asked = { method: incoming.method ?? '', target: '/', headers: ['host', 'market'], body: null };
      void forward(pool, upstream, asked).result.then((result) => {
        if (result.kind === 'failed') throw result.cause;
        const lines = result.headers.filter(
          (_, at) =>
            !/^(?:connection|keep-alive|transfer-encoding)$/.test(result.headers[at - (at % 2)] ?? ''),
        );
        return deliver({ ...result, headers: lines }, response);
      });
    }),
  );
}

function ask(url: string, method: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => resolve(Buffer.concat(chunks))).once('error', reject);
    });
    asking.once('error', reject).end();
  });
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test.each([0, 1, 255, 8_191, 8_192, 8_193, 46_000, 200_000])(
  'a body of %i bytes arrives byte for byte, its length announced or not',
  async (size) => {
    const body = Buffer.alloc(size, everyByte);
    const announced = await ask(await through(body, ['content-length', String(size)]), 'GET');
    expect(announced.equals(body)).toBe(true);
    const chunked = await ask(await through(body, ['x-one', '1']), 'GET');
    expect(chunked.equals(body)).toBe(true);
  },
);

test('an answer to HEAD keeps its length and has no body', async () => {
  const body = Buffer.alloc(300, everyByte);
  expect((await ask(await through(body, ['content-length', '300']), 'HEAD')).length).toBe(0);
});
