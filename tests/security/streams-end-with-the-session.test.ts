/** The story: the manager stopped, and the open event stream went on showing her the shopper's life for hours (E-9, design 7). */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

let lenient: LenientSystem;
let mia: Visitor;
let leave: AbortController;

beforeEach(async () => {
  lenient = await startLenientSystem();
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  leave = new AbortController();
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/events') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const ticking = setInterval(() => response.write('data: secret of Sam\n\n'), 50);
    response.once('close', () => clearInterval(ticking));
    return true;
  });
});
afterEach(async () => {
  leave.abort();
  await lenient.close();
});

async function endsAfter(end: () => Promise<unknown>): Promise<boolean> {
  const headers = { cookie: lenient.cookies(mia), accept: 'text/event-stream', 'sec-fetch-dest': 'empty' };
  const answer = await fetch(`${lenient.system.url}/events`, { headers, signal: leave.signal });
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error('there is no stream');
  await reader.read();
  await end();
  const over = (async () => {
    for (;;) {
      const { done } = await reader.read().catch(() => ({ done: true }));
      if (done) return true;
    }
  })();
  return Promise.race([over, sleep(2_500).then(() => false)]);
}

test('a stream ends when its session is stopped', async () => {
  expect(await endsAfter(() => mia.stop())).toBe(true);
});

test('a stream ends when its session runs out of time', async () => {
  expect(await endsAfter(() => lenient.system.pass(121 * MINUTE))).toBe(true);
});
