/**
 * The story: two gateways stood behind a balancer that sent each request wherever it liked. The session was started on
 * one, and the other one had never heard of it: the manager's next click went out in her own name.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { cookiesOf } from '../security/lenient-system.ts';
import { MINUTE } from '../system.ts';
import { startGateways, type Gateways, type Instance } from './gateways.ts';

let redis: RedisServer;
let all: Gateways;
let one: Instance;
let two: Instance;
let three: Instance;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  all = await startGateways([redis.url, redis.url, redis.url]);
  const [first, second, third] = all.instances;
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few');
  [one, two, three] = [first, second, third];
});
afterEach(async () => {
  await all.close();
  await redis.cli('FLUSHALL');
});

test('a session begins on one instance, acts on another and is stopped on a third', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  const order = await all.sentTo(mia, two).send('POST', '/api/orders', {});
  expect(order.status).toBe(201);
  expect((await all.sentTo(mia, three).stop()).status).toBe(200);
  const late = await all.sentTo(mia, two).send('POST', '/api/orders', {});
  expect(late.status).toBe(401);
  expect(all.upstream.executed).toHaveLength(1);
  expect((await all.events()).map(({ event, action }) => `${event} ${action}`)).toEqual([
    'start start_acting',
    'action place_order',
    'stop stop_acting',
  ]);
});

test('who is helped is paused on every instance, from the start to the end', async () => {
  const sam = all.person('u-sam', two);
  expect((await sam.send('POST', '/api/orders', {})).status).toBe(201);
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  await vi.waitFor(async () => expect((await sam.send('POST', '/api/orders', {})).status).toBe(423));
  await all.sentTo(mia, three).stop();
  await vi.waitFor(async () => expect((await sam.send('POST', '/api/orders', {})).status).toBe(201));
});

test('a seat is taken on every instance, and the answer says who has it and since when', async () => {
  await all.person('u-mia', one).actAs('u-sam');
  const mo = await all.person('u-mo', two).send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  expect(mo.status).toBe(409);
  expect(await mo.json()).toMatchObject({
    code: 'seat_taken',
    fault: 'subject',
    detail: expect.stringMatching(/Mia .* since Apr 14, 12:00 PM EDT/) as unknown,
  });
});

test('a stream on one instance is cut within a second of the stop on another', async () => {
  all.upstream.behave(({ target }, response) => {
    if (target !== '/events') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const ticking = setInterval(() => response.write('data: secret of Sam\n\n'), 50);
    response.once('close', () => clearInterval(ticking));
    return true;
  });
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  const headers = { cookie: cookiesOf(mia), accept: 'text/event-stream' };
  const answer = await fetch(`${two.gateway.url}/events`, { headers });
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error('there is no stream');
  await reader.read();
  await all.sentTo(mia, three).stop();
  const cut = (async () => {
    for (;;) if ((await reader.read().catch(() => ({ done: true }))).done) return true;
  })();
  expect(await Promise.race([cut, sleep(1_000).then(() => false)])).toBe(true);
});

test('a touch on one instance keeps the session alive on the others', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  await all.pass(20 * MINUTE);
  expect((await all.sentTo(mia, two).visit('/market')).status).toBe(200);
  await all.pass(20 * MINUTE);
  expect((await all.sentTo(mia, three).visit('/market')).status).toBe(200);
  expect((await all.sentTo(mia, one).visit('/market')).status).toBe(200);
});

test('a session that nobody asks for any more expires once, though every instance sweeps', async () => {
  await all.person('u-mia', one).actAs('u-sam');
  await all.pass(31 * MINUTE);
  const ends = (await all.events()).filter(({ event }) => event === 'expired' || event === 'stop');
  expect(ends).toMatchObject([{ event: 'expired', action: 'idle_timeout' }]);
});

test('of two managers who start on one shopper at the same moment on two instances, one has the seat', async () => {
  for (let round = 0; round < 20; round += 1) {
    const people = [all.person('u-mia', one), all.person('u-mo', two)];
    const answers = await Promise.all(
      people.map((who) => who.send('POST', '/_act-as/sessions', { subject: 'u-sam' })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    await Promise.all(people.map((who) => who.stop()));
  }
  const events = (await all.events()).map(({ event }) => event);
  expect(events.filter((event) => event === 'start')).toHaveLength(20);
  expect(events.filter((event) => event === 'stop')).toHaveLength(20);
});
