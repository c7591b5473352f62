/**
 * The story: a firewall forgot the connections of one gateway to Redis, and told nobody. It went on as if nothing were
 * wrong, on what it had known; elsewhere the session had long been stopped. Whichever of its connections dies in silence:
 * that gateway says so, what is stopped there is stopped everywhere where anybody can be told, and the others go on.
 */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { cookiesOf } from '../security/lenient-system.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';
import { CONNECTIONS, startRedisProxy, type RedisProxy } from './redis-proxy.ts';
import { startRedisSystem, type RedisSystem } from './redis-system.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

let redis: RedisServer;
let proxy: RedisProxy;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.cli('FLUSHALL');
  proxy = await startRedisProxy(redis.port);
  onTestFinished(() => proxy.close());
});

/** Everybody is at the instance behind the proxy; another one is not. */
async function start(): Promise<RedisSystem> {
  const system = await startRedisSystem([proxy.url, redis.url]);
  await system.seat();
  return system;
}

/** What Mia's cookie is told by the other instance. */
async function elsewhere({ all, people }: RedisSystem): Promise<() => Promise<string>> {
  const [, two] = all.instances;
  if (two === undefined) throw new Error('there is no other instance');
  const mia = all.sentTo(people.mia, two);
  expect(await told(mia.get('/api/cart'))).toBe('200');
  return () => told(mia.get('/api/cart'));
}

test('its connection for requests', async () => {
  const system = await start();
  const other = await elsewhere(system);
  proxy.swallow(['understudy']);
  await system.says('unreachable');
  const all = await system.look();
  expect(await other()).toBe('401 `session_ended`');
  proxy.swallow([]);
  const record = await system.healed();
  seen({ part: 'Redis', fault: 'One gateway’s connection for requests dies in silence', ...all, record });
});

test('its connection for ends', async () => {
  const system = await start();
  const other = await elsewhere(system);
  proxy.swallow(['understudy-ends']);
  const all = await system.look();
  expect(await other()).toBe('401 `session_ended`');
  proxy.swallow([]);
  const record = await system.healed();
  seen({ part: 'Redis', fault: 'One gateway’s connection for ends dies in silence', ...all, record });
});

test('its connection for changes: it asks instead, and streams are cut all the same', async () => {
  const system = await start();
  const { all, one, people } = system;
  const [, two] = all.instances;
  if (two === undefined) throw new Error('there is no other instance');
  all.upstream.behave(({ target }, response) => {
    if (target !== '/events') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    return true;
  });
  const mo = all.person('u-mo', two);
  await mo.actAs('u-sue');
  const stream = await fetch(`${one.gateway.url}/events`, {
    headers: { cookie: cookiesOf(mo), accept: 'text/event-stream' },
  });
  proxy.swallow(['understudy-changes']);
  const began = performance.now();
  await mo.stop();
  await stream.text().catch(() => '');
  expect(performance.now() - began).toBeLessThan(3_000);
  await system.says('unreachable');
  const others = await elsewhere(system);
  const saw = await system.look();
  expect(await others()).toBe('401 `session_ended`');
  expect(await told(people.mia.get('/market'))).toBe('200');
  proxy.swallow([]);
  const record = `${await system.healed()}; streams there end within two seconds`;
  seen({ part: 'Redis', fault: 'One gateway’s connection for changes dies in silence', ...saw, record });
});

test('all of them: the other gateway notices nothing', async () => {
  const system = await start();
  const { all, one } = system;
  const [, two] = all.instances;
  if (two === undefined) throw new Error('there is no other instance');
  proxy.swallow(CONNECTIONS);
  await system.says('unreachable');
  const mo = all.person('u-mo', two);
  await mo.actAs('u-sue');
  expect(await told(mo.send('POST', '/api/orders', {}))).toBe('201');
  expect(await told(all.sentTo(mo, one).get('/api/cart'))).toBe('503 `sessions_unavailable`');
  await mo.stop();
  const saw = await system.look();
  proxy.swallow([]);
  const record = await system.healed();
  seen({ part: 'Redis', fault: 'One gateway is cut off from it; the other is not', ...saw, record });
});
