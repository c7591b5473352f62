/**
 * The story: a manager about to be dismissed sent the head of a write and held its body back. Who she is was asked, and
 * what is allowed was decided, before the body; up to five minutes later the write went through on that old word.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { message } from './raw-exchange.ts';

let lenient: LenientSystem;
let socket: Socket;
let cookies: string;

const SENIOR = '  - { id: discount, on: [POST /discount], effect: audit, actors: { roles: [senior] } }\n';

beforeEach(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) => yaml.replace(/^tests:[^]*$/m, '').replace('rules:\n', `rules:\n${SENIOR}`),
  });
  const mia = lenient.person('u-mia');
  lenient.upstream.people.get('u-mia')?.roles.push('senior');
  await mia.actAs('u-sam');
  lenient.upstream.forget();
  cookies = lenient.cookies(mia);
  await begin('/api/cart/items');
});
afterEach(async () => {
  socket.destroy();
  await lenient.close();
});

async function begin(path: string): Promise<void> {
  const { host, port } = new URL(lenient.system.url);
  socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
  socket.write(
    message(
      [
        `POST ${path} HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookies}`,
        'Content-Type: application/json',
        'Content-Length: 9',
      ],
      '{"a":',
    ),
  );
  await sleep(300);
}

async function finish(): Promise<readonly string[]> {
  socket.write('"b"}');
  await sleep(500);
  return lenient.upstream.executed.map(({ line, as }) => `${line} as ${as}`);
}

test('a role lost while the body was under way', async () => {
  Object.assign(lenient.upstream.people.get('u-mia') ?? {}, { roles: ['shopper'] });
  expect(await finish()).toEqual([]);
});

test('a sign-out while the body was under way', async () => {
  lenient.upstream.people.delete('u-mia');
  expect(await finish()).toEqual([]);
});

test('a subject deactivated while the body was under way', async () => {
  Object.assign(lenient.upstream.people.get('u-sam') ?? {}, { active: false });
  expect(await finish()).toEqual([]);
});

test('a right lost while the body was under way, by one who may go on acting', async () => {
  socket.destroy();
  await begin('/discount');
  lenient.upstream.people.get('u-mia')?.roles.pop();
  expect(await finish()).toEqual([]);
});

test('a right kept while the body was under way', async () => {
  socket.destroy();
  await begin('/discount');
  expect(await finish()).toEqual(['POST /discount as u-sam']);
});
