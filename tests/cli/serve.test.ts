/** `understudy serve` that cannot start says in one line what to change, and ends. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderWith, understudyWith, type Run } from './understudy.ts';

const root = resolve(import.meta.dirname, '../..');
let server: Server;
let busy: string;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  busy = String(typeof address === 'object' ? address?.port : '');
});
afterEach(() => void server.close());

const serve = (environment: Readonly<Record<string, string>>): Promise<Run> =>
  understudyWith(
    { PORT: '0', PRIVATE_PORT: '0', LOG_LEVEL: 'silent', ...environment },
    folderWith({
      'gateway.yaml': readFileSync(resolve(root, 'gateway.yaml'), 'utf8'),
      'policy.yaml': readFileSync(resolve(root, 'policy.yaml'), 'utf8'),
    }),
    'serve',
  );

it('names the public port that is in use, and the variable that changes it', async () => {
  expect(await serve({ PORT: busy })).toEqual({
    code: 1,
    out: '',
    err: `understudy: listen.port ${busy} is in use; set PORT\n`,
  });
});

it('names the private port that is in use, and the variable that changes it', async () => {
  expect(await serve({ PRIVATE_PORT: busy })).toEqual({
    code: 1,
    out: '',
    err: `understudy: private_listen.port ${busy} is in use; set PRIVATE_PORT\n`,
  });
});

it.each([
  ['PORT', 'abc'],
  ['PRIVATE_PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '0x50'],
])('says what %s must be when it is %s', async (name, value) => {
  expect(await serve({ [name]: value })).toEqual({
    code: 78,
    out: '',
    err: `environment: ${name}: must be a port number from 0 to 65535, not "${value}"\n`,
  });
});
