import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { forward, type Sender, type UpstreamResult } from '../../../gateway/forward/forward.ts';
import { createUpstreamClients } from '../../../gateway/forward/upstream-client.ts';

const certificates = join(import.meta.dirname, '../../security/certificates');
const pem = (name: string): string => join(certificates, `loopback.${name}.pem`);

async function startUpstream(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  return `http://127.0.0.1:${await listen(server)}`;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function ask(sender: Sender, origin: string): Promise<UpstreamResult> {
  const headers = ['host', new URL(origin).host];
  return forward(sender, origin, { method: 'GET', target: '/', headers, body: null }).result;
}

function pool(origin: string): Sender {
  const made = new Pool(origin);
  onTestFinished(() => made.destroy());
  return made;
}

function linesOf(result: UpstreamResult): readonly string[] {
  if (result.kind === 'failed') throw result.cause;
  return result.headers;
}

test('repeated lines of an answer stay lines of their own, in their order', async () => {
  const origin = await startUpstream((response) => {
    response.writeHead(200, [
      'Set-Cookie',
      'a=1',
      'X-One',
      '1',
      'Set-Cookie',
      'b=2; Path=/',
      'set-cookie',
      'c=3',
    ]);
    response.end();
  });
  const lines = linesOf(await ask(pool(origin), origin));
  const cookies = lines.filter((_, index) => lines[index - 1] === 'set-cookie');
  expect(cookies).toEqual(['a=1', 'b=2; Path=/', 'c=3']);
  expect(lines[lines.indexOf('x-one') + 1]).toBe('1');
});

test('bytes of a value beyond ASCII, and a line that is named like a member of every object, come through', async () => {
  const origin = await startUpstream((response) => {
    response.writeHead(200, ['X-Name', 'Käse\xff', 'constructor', 'x', '__proto__', 'y', '__proto__', 'z']);
    response.end();
  });
  const lines = linesOf(await ask(pool(origin), origin));
  expect(lines[lines.indexOf('x-name') + 1]).toBe('Käse\xff');
  expect(lines[lines.indexOf('constructor') + 1]).toBe('x');
  expect(lines.filter((_, index) => lines[index - 1] === '__proto__')).toEqual(['y', 'z']);
});

test('an upstream that also speaks HTTP/2 is spoken to in HTTP/1.1, and its lines arrive', async () => {
  const server = createSecureServer(
    { key: readFileSync(pem('key')), cert: readFileSync(pem('cert')), allowHTTP1: true },
    (request, response) => {
      response.writeHead(200, { 'x-version': request.httpVersion });
      response.end();
    },
  );
  const origin = `https://127.0.0.1:${await listen(server)}`;
  const { requests, close } = createUpstreamClients({
    url: origin,
    ca_file: pem('cert'),
    connections: 4,
    connect_timeout: 5_000,
    headers_timeout: 5_000,
    body_timeout: 5_000,
    host_header: 'preserve',
  });
  onTestFinished(close);
  const lines = linesOf(await ask(requests, origin));
  expect(lines[lines.indexOf('x-version') + 1]).toBe('1.1');
});
