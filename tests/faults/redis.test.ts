/**
 * The story: the Redis of the sessions was killed, froze, forgot everything, took no more writes, was full, or answered
 * half a second late. One product let every shopper wait for it, another let managers act on sessions that it could not
 * check. Whoever acts is told so at once and nothing of theirs goes through, stopping works and stays so, and no shopper
 * notices; when the cause is gone everything goes on by itself.
 */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';
import { startRedisProxy } from './redis-proxy.ts';
import { startRedisSystem } from './redis-system.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis({ config: ['appendonly yes', 'appendfsync always'] });
});
afterEach(() => redis.close());

test('killed', async () => {
  const system = await startRedisSystem([redis.url]);
  await system.seat();
  await redis.kill();
  await system.says('unreachable');
  const all = await system.look();
  expect(all.acting).toContain('stopping 200');
  await redis.revive();
  seen({ part: 'Redis', fault: 'It is killed', ...all, record: await system.healed() });
});

test('frozen: at most one request waits for it, and no shopper', async () => {
  const system = await startRedisSystem([redis.url]);
  await system.seat();
  redis.freeze();
  const waits: number[] = [];
  for (const path of ['/api/cart', '/market', '/api/cart', '/market', '/api/cart', '/market']) {
    const who = path === '/market' ? system.all.person('u-sue', system.one) : system.people.mia;
    const began = performance.now();
    expect(await told(who.get(path))).toBe(path === '/market' ? '200' : '503 `sessions_unavailable`');
    waits.push(performance.now() - began);
  }
  // Only one of them was the first to find out.
  expect(waits.filter((wait) => wait > 200).length).toBeLessThan(2);
  expect(Math.max(...waits)).toBeLessThan(600);
  await system.says('unreachable');
  const all = await system.look();
  expect(all.acting).toContain('stopping 200');
  redis.thaw();
  seen({ part: 'Redis', fault: 'It freezes (SIGSTOP)', ...all, record: await system.healed() });
});

test('half a second late', async () => {
  const proxy = await startRedisProxy(redis.port);
  onTestFinished(() => proxy.close());
  const system = await startRedisSystem([proxy.url]);
  await system.seat();
  proxy.delay(500);
  await system.says('unreachable');
  const all = await system.look();
  expect(all.acting).toContain('stopping 200');
  proxy.delay(0);
  seen({ part: 'Redis', fault: 'It answers 500 ms late', ...all, record: await system.healed() });
});

test.each([
  [
    'It takes no writes (`min-replicas-to-write`)',
    ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ],
  ['It is made a replica, read-only', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
])('%s', async (fault, trouble, cause) => {
  const system = await startRedisSystem([redis.url]);
  await system.seat();
  await redis.cli(...trouble);
  await system.says('unreachable');
  const all = await system.look();
  expect(all.acting).toContain('stopping 200');
  await redis.cli(...cause);
  seen({ part: 'Redis', fault, ...all, record: await system.healed() });
});

test('full in the middle of it all', async () => {
  const system = await startRedisSystem([redis.url]);
  await system.seat();
  system.all.upstream.behave((_request, response) => {
    response.setHeader('set-cookie', `basket=${'x'.repeat(100)}; Path=/`);
    return false;
  });
  await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
  await system.says('full');
  const all = await system.look();
  expect(all.acting).toContain('stopping 200');
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  seen({ part: 'Redis', fault: 'Its memory is full', ...all, record: await system.healed() });
});

test('restarted without its memory', async () => {
  const forgetful = await startRedis();
  onTestFinished(() => forgetful.close());
  const system = await startRedisSystem([forgetful.url]);
  await system.seat();
  await forgetful.kill();
  await system.says('unreachable');
  await forgetful.revive();
  await system.ready();
  await expect.poll(() => told(system.people.mia.get('/api/cart'))).toBe('401 `session_ended`');
  const acting = `reads and writes ${await told(system.people.mia.send('POST', '/api/orders', {}))}`;
  const ordinary = await system.people.ordinary();
  const reviewing = await system.people.reviewing();
  const lost = ['May: start session_lost', 'Mia: start session_lost'];
  await expect.poll(async () => (await system.lives()).toSorted(), { timeout: 20_000 }).toEqual(lost);
  await system.people.mia.stop();
  await system.people.seat();
  await system.people.mia.stop();
  expect((await system.lives()).toSorted()).toEqual([...lost, 'Mia: start stop_acting'].toSorted());
  seen({
    part: 'Redis',
    fault: 'It comes back without its memory',
    acting,
    ordinary,
    reviewing,
    record: 'whole; each session ended once, `session_lost`, within seconds; starting works',
  });
});
