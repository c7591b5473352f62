/**
 * The story: the server of the sessions failed, and Sentinel had its replica take over. What the replica had, goes on. A
 * session that had begun in the last moment was gone; another one, stopped in the last moment, lived again, and its
 * cookie, still in a tab, ordered once more.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { GatewaysOptions } from '../flows/gateways.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';
import { startRedisSystem } from './redis-system.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

const PREFIX = 'understudy:{act-as}:';

type Pair = {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly options: GatewaysOptions;
  /** Waits until the replica has as many live sessions. */
  readonly has: (live: number) => Promise<void>;
};

async function startPair(): Promise<Pair> {
  const primary = await startRedis();
  onTestFinished(() => primary.close());
  const replica = await startRedis({ replicaOf: primary });
  onTestFinished(() => replica.close());
  const replication = (): Promise<string> => replica.cli('INFO', 'replication');
  await expect.poll(replication, { timeout: 15_000 }).toContain('master_link_status:up');
  const sentinel = await startRedis({ sentinelOf: primary });
  onTestFinished(() => sentinel.close());
  const replicas = (): Promise<string> => sentinel.cli('SENTINEL', 'REPLICAS', 'sessions');
  await expect.poll(replicas, { timeout: 15_000 }).toContain(String(replica.port));
  const place = `{ nodes: ['127.0.0.1:${sentinel.port}'], master: sessions }`;
  return {
    primary,
    replica,
    options: { editGateway: (yaml) => `${yaml}\nsessions: { redis: { sentinel: ${place} } }\n` },
    has: async (live) => {
      await expect.poll(() => replica.cli('ZCARD', `${PREFIX}live`), { timeout: 10_000 }).toBe(String(live));
    },
  };
}

test('a replica that has everything takes over: sessions go on, and every write has its row', async () => {
  const { primary, has, options } = await startPair();
  const system = await startRedisSystem([primary.url], options);
  const { all, people } = system;
  await system.seat();
  await has(2);
  const over = new AbortController();
  const statuses = new Map<string, number>();
  const writing = (async () => {
    while (!over.signal.aborted) {
      const answer = await told(people.mia.send('POST', '/api/orders', {}));
      statuses.set(answer, (statuses.get(answer) ?? 0) + 1);
    }
  })();
  await expect.poll(() => statuses.get('201')).toBeGreaterThan(3);
  await primary.kill();
  await expect.poll(() => statuses.get('503 `sessions_unavailable`')).toBeGreaterThan(0);
  const ordinary = await people.ordinary();
  const reviewing = await people.reviewing();
  const before = statuses.get('201') ?? 0;
  await expect.poll(() => statuses.get('201'), { timeout: 30_000 }).toBeGreaterThan(before + 3);
  over.abort();
  await writing;
  expect([...statuses.keys()].toSorted()).toEqual(['201', '503 `sessions_unavailable`']);
  await system.ready();
  await people.mia.stop();
  const orders = all.upstream.executed.filter(({ as }) => as === 'u-sam').length;
  expect(orders).toBe(statuses.get('201'));
  const rows = (await all.events()).filter(({ event }) => event === 'action');
  expect(rows.filter(({ outcome }) => outcome === 'ok')).toHaveLength(orders);
  expect(rows.filter((row) => row.outcome === 'error' && row.status_code === 503)).toHaveLength(
    rows.length - orders,
  );
  expect(await system.lives()).toEqual(['Mia: start stop_acting', 'May: start']);
  seen({
    part: 'Redis',
    fault: 'It fails over to its replica under Sentinel',
    acting:
      'writes 503 `sessions_unavailable` until the replica has taken over, then 201 in the same session',
    ordinary,
    reviewing,
    record: 'whole; every write that was made has one `ok` row, every refused one a row that says 503',
  });
});

test('a replica without the last start and the last end takes over: no session is seated twice or never ends', async () => {
  const { primary, replica, has, options } = await startPair();
  const system = await startRedisSystem([primary.url, primary.url], options);
  const { all, one, people } = system;
  const [, two] = all.instances;
  if (two === undefined) throw new Error('there is no other instance');
  await people.seat();
  await has(1);
  const ended = all.sentTo(people.mia, two);

  replica.freeze();
  await primary.cli('CLIENT', 'KILL', 'TYPE', 'REPLICA');
  expect(await people.stopping()).toBe('stopping 200');
  const may = all.person('u-may', one);
  await may.actAs('u-sol');
  expect(await told(may.send('POST', '/api/orders', {}))).toBe('201');
  await primary.kill();
  replica.thaw();
  await system.says('unreachable');
  const ordinary = await people.ordinary();
  const reviewing = await people.reviewing();

  await expect.poll(() => replica.cli('ROLE'), { timeout: 30_000 }).toContain('master');
  await system.ready();
  const started = await told(may.send('POST', '/api/orders', {}));
  const stopped = await told(ended.send('POST', '/api/orders', {}));
  const seats = ['Mia: start stop_acting', 'May: start session_lost'];
  await expect.poll(() => system.lives(), { timeout: 20_000 }).toEqual(seats);
  await expect.poll(() => replica.cli('ZCARD', `${PREFIX}live`), { timeout: 10_000 }).toBe('0');
  // Both seats are free, and what had ended is over on every instance.
  await people.seat();
  expect(await told(people.mia.send('POST', '/api/orders', {}))).toBe('201');
  expect(await told(all.sentTo(ended, one).get('/api/cart'))).toBe('401 `session_ended`');
  await people.mia.stop();
  expect(all.upstream.executed.filter(({ as }) => as === 'u-sam' || as === 'u-sol')).toHaveLength(2);
  seen({
    part: 'Redis',
    fault: 'It fails over to a replica that has neither the last start nor the last end',
    acting: `in the session whose start is lost ${started}, in the one whose end is lost ${stopped}`,
    ordinary,
    reviewing,
    record: 'whole; the one ended as `session_lost`, the other as it had; both seats can be taken',
  });
});
