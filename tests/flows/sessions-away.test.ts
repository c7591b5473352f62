/**
 * The story: the Redis of the sessions died in the middle of a busy day. Whoever acted was told so and nothing of theirs
 * went through; they could still stop; and no shopper noticed.
 */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { startSystem } from '../system.ts';
import { visitor } from '../visitor.ts';
import { startGateways, type Gateways, type Instance } from './gateways.ts';

let redis: RedisServer;
let all: Gateways;
let one: Instance;

beforeEach(async () => {
  redis = await startRedis({ config: ['appendonly yes', 'appendfsync always'] });
  all = await startGateways([redis.url]);
  const [first] = all.instances;
  if (first === undefined) throw new Error('there is no instance');
  one = first;
});
afterEach(async () => {
  await all.close();
  await redis.close();
});

const ready = async (): Promise<unknown> =>
  (await fetch(`${one.gateway.privateUrl}/_act-as/health/ready`)).json();

test('acting is refused at once, shoppers shop, and the session goes on when Redis is back', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  await redis.kill();
  for (const answer of [mia.visit('/market'), mia.send('POST', '/api/orders', {})])
    expect((await answer).status).toBe(503);
  expect((await all.person('u-sue', one).send('POST', '/api/orders', {})).status).toBe(201);
  expect((await all.person('u-mo', one).send('POST', '/_act-as/sessions', { subject: 'u-sue' })).status).toBe(
    503,
  );
  await vi.waitFor(
    async () => expect(await ready()).toMatchObject({ checks: { sessions: 'unreachable' } }),
    5_000,
  );
  expect(all.upstream.executed).toHaveLength(1);
  await redis.revive();
  await vi.waitFor(async () => expect(await ready()).toMatchObject({ checks: { sessions: 'ok' } }), 10_000);
  expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
});

test('stopping works, is on the record, and holds when Redis comes back with the session', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  const again = all.sentTo(mia, one);
  await redis.kill();
  expect((await mia.stop()).status).toBe(200);
  expect((await again.send('POST', '/api/orders', {})).status).toBe(401);
  expect((await all.events()).at(-1)).toMatchObject({ event: 'stop', action: 'stop_acting' });
  await redis.revive();
  await vi.waitFor(async () => expect(await ready()).toMatchObject({ status: 'ok' }), 10_000);
  expect((await again.send('POST', '/api/orders', {})).status).toBe(401);
  await all.person('u-mia', one).actAs('u-sam');
  expect((await all.events()).filter(({ event }) => event === 'stop')).toHaveLength(1);
});

test('no link is made, and the record does not say that one was', async () => {
  const mia = all.person('u-mia', one);
  await redis.kill();
  expect((await mia.send('POST', '/_act-as/links', { subject: 'u-sam' })).status).toBe(503);
  expect((await all.events()).filter(({ action }) => action === 'link_created')).toEqual([]);
});

test('a Redis that comes back without its memory has ended every session, and each has its row', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  await redis.cli('FLUSHALL');
  expect((await mia.visit('/market')).status).toBe(401);
  await vi.waitFor(async () => {
    await one.gateway.sweep();
    expect((await all.events()).at(-1)).toMatchObject({ event: 'expired', action: 'session_lost' });
  }, 10_000);
});

test('an acting request costs Redis one question, and a shopper’s none', async () => {
  const mia = all.person('u-mia', one);
  await mia.actAs('u-sam');
  await mia.visit('/market');
  const asked = async (work: () => Promise<unknown>): Promise<number> => {
    await redis.cli('CONFIG', 'RESETSTAT');
    const began = performance.now();
    await work();
    const calls = await redis.cli('INFO', 'commandstats');
    const total = [...calls.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    // Beside the requests, the instance asks every second whether Redis is there and whether a session is over.
    return total - 2 * Math.ceil((performance.now() - began) / 1000);
  };
  const many = async (once: () => Promise<Response>): Promise<void> => {
    for (let n = 0; n < 40; n += 1) expect((await once()).status).toBeLessThan(300);
  };
  expect(await asked(() => many(() => mia.visit('/market')))).toBeLessThanOrEqual(41);
  const shopper = all.person('u-sue', one);
  expect(await asked(() => many(() => shopper.visit('/market')))).toBeLessThanOrEqual(1);
});

test('a gateway that starts without it serves shoppers, and acts as soon as Redis is there', async () => {
  await redis.kill();
  const system = await startSystem({ environment: { REDIS_URL: redis.url } });
  onTestFinished(() => system.close());
  const sue = visitor(system.url);
  await sue.signIn('sue@valley.example');
  expect((await sue.visit('/market')).status).toBe(200);
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  expect((await mia.get('/admin/impersonation-audit/events.json')).status).toBe(200);
  const start = (): Promise<Response> => mia.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
  expect((await start()).status).toBe(503);
  await redis.revive();
  await vi.waitFor(async () => expect((await start()).status).toBe(201), 10_000);
});
