/**
 * The story: a visitor without an account asked for slow or large things and went away, or stayed and read nothing, as
 * often as the pool has connections; nobody else got an answer.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { message } from './raw-exchange.ts';

let lenient: LenientSystem;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  lenient = await startLenientSystem({
    editGateway: (yaml) =>
      yaml
        .replace('connect_timeout: 5s', 'connect_timeout: 5s\n  connections: 4')
        .replace('body_timeout: 60s', 'body_timeout: 1s'),
  });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.race([lenient.close(), sleep(1_000)]);
});

function four(target: string): void {
  const { host, port } = new URL(lenient.system.url);
  for (let one = 0; one < 4; one += 1) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    socket.write(message([`GET ${target} HTTP/1.1`, `Host: ${host}`]));
    socket.pause();
    sockets.push(socket);
  }
}

const another = (): Promise<number | string> =>
  fetch(`${lenient.system.url}/market`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.status,
    (error: Error) => error.name,
  );

test('who has gone before the app answered is not waited for', async () => {
  let abandoned = 0;
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/slow') return false;
    response.once('close', () => (abandoned += 1));
    return true;
  });
  four('/slow');
  await sleep(300);
  for (const socket of sockets) socket.resetAndDestroy();
  await sleep(500);
  expect(await another()).toBe(200);
  expect(abandoned).toBe(4);
});

test('who reads nothing is cut off after the body timeout', async () => {
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/big') return false;
    response.writeHead(200, { 'content-length': '40000000' }).end(Buffer.alloc(40_000_000));
    return true;
  });
  four('/big');
  await sleep(5_000);
  expect(await another()).toBe(200);
});
