/**
 * The story: the machine that kept the sessions died, came back without its memory, or answered too late. A client that
 * waits and repeats behind one's back then does what nobody asks for any more; ours is told at once and asks again.
 */
import { stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  newSession,
  SessionsUnavailableError,
  type EndedSession,
  type SessionStore,
} from '../../../../gateway/sessions/index.ts';
import { facts, hashOf, hour, minute, person } from '../../../contract/session-store.facts.ts';
import { startRedisProxy } from '../../../faults/redis-proxy.ts';
import { startRedis, type RedisServer } from '../../../redis-server.ts';
import { corner, fixedSealKeys, SEAL_KEY, type Opened } from './open-store.ts';

let redis: RedisServer;
let all: Opened;

beforeEach(async () => {
  redis = await startRedis({ config: ['appendonly yes', 'appendfsync always'] });
  all = corner(() => redis.url, onTestFinished);
});
afterEach(() => redis.close());

const begin = (store: SessionStore, id: string, actor = 'mia', subject = 'sam') =>
  store.start(newSession(facts({ id, actor: person(actor), subject: person(subject) }), all.clock.now));
const commit = (store: SessionStore, id: string) => store.commit(hashOf(id), all.clock.now, true);
const healthy = (store: SessionStore) =>
  vi.waitFor(() => expect(store.health()).toEqual({ ok: true, trouble: null }), 10_000);

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

describe('while Redis is dead', () => {
  test('nothing passes the commit point, and nobody waits for that', async () => {
    const store = await all.open();
    await begin(store, 's1');
    await redis.kill();
    expect(
      await took(() => expect(commit(store, 's1')).rejects.toThrow(SessionsUnavailableError)),
    ).toBeLessThan(300);
    await expect(begin(store, 's2', 'max', 'sue')).rejects.toThrow(SessionsUnavailableError);
    await vi.waitFor(() => expect(store.health()).toEqual({ ok: false, trouble: 'unreachable' }), 5_000);
    expect(store.liveFor('sam', all.clock.now)?.id).toBe('s1');
  });

  test('stopping works, once, and what was stopped stays so when Redis comes back with it', async () => {
    const store = await all.open();
    const other = await all.open();
    await begin(store, 's1');
    const told = vi.fn<(ended: EndedSession) => void>();
    other.onEnd(told);
    await redis.kill();
    const ends = await Promise.all([1, 2, 3].map(() => store.end('s1', 'stopped', all.clock.now)));
    expect(ends.filter((end) => end !== null)).toMatchObject([{ session: { id: 's1' }, why: 'stopped' }]);
    await store.acknowledge('s1');
    expect(await store.find(hashOf('s1'), all.clock.now)).toMatchObject({
      kind: 'dead',
      ended: { why: 'stopped' },
    });
    await redis.revive();
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), 10_000);
    await healthy(store);
    expect(await commit(store, 's1')).toBeNull();
    expect(await commit(other, 's1')).toBeNull();
    await vi.waitFor(async () => expect(await redis.cli('ZCARD', all.key('owed'))).toBe('0'), 5_000);
    expect((await begin(other, 's2')).ok).toBe(true);
  });

  test('what runs out of time meanwhile is told of at once, so that its streams are cut, and claimed later', async () => {
    const store = await all.open();
    await begin(store, 's1');
    const told = vi.fn<(ended: EndedSession) => void>();
    store.onEnd(told);
    await redis.kill();
    all.clock.now += 31 * minute;
    await expect(store.sweep(all.clock.now)).rejects.toThrow(SessionsUnavailableError);
    expect(told.mock.calls).toMatchObject([[{ session: { id: 's1' }, why: 'idle_timeout' }]]);
    await redis.revive();
    const found: unknown[] = [];
    await vi.waitFor(async () => {
      found.push(...(await store.sweep(all.clock.now)));
      expect(found).toMatchObject([{ session: { id: 's1' }, why: 'idle_timeout' }]);
    }, 10_000);
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('a gateway that starts meanwhile opens its store, and has it as soon as Redis is back', async () => {
    await redis.kill();
    const store = await all.open();
    await expect(begin(store, 's1')).rejects.toThrow(SessionsUnavailableError);
    expect(store.liveCount()).toBe(0);
    expect(store.health().ok).toBe(false);
    await redis.revive();
    await healthy(store);
    expect((await begin(store, 's2')).ok).toBe(true);
  });
});

describe('while Redis is frozen', () => {
  test('the first to ask waits a quarter of a second, the next ones do not, and it heals', async () => {
    const store = await all.open();
    await begin(store, 's1');
    redis.freeze();
    expect(
      await took(() => expect(commit(store, 's1')).rejects.toThrow(SessionsUnavailableError)),
    ).toBeLessThan(600);
    expect(
      await took(() => expect(commit(store, 's1')).rejects.toThrow(SessionsUnavailableError)),
    ).toBeLessThan(50);
    redis.thaw();
    await healthy(store);
    await vi.waitFor(async () => expect(await commit(store, 's1')).not.toBeNull(), 5_000);
  });

  test('a stop that Redis carries out later is one stop', async () => {
    const store = await all.open();
    await begin(store, 's1');
    const told = vi.fn<(ended: EndedSession) => void>();
    store.onEnd(told);
    redis.freeze();
    expect(await store.end('s1', 'stopped', all.clock.now)).toMatchObject({ why: 'stopped' });
    await store.acknowledge('s1');
    redis.thaw();
    await healthy(store);
    await vi.waitFor(async () => expect(await redis.cli('ZCARD', all.key('live'))).toBe('0'), 5_000);
    await vi.waitFor(async () => expect(await redis.cli('ZCARD', all.key('owed'))).toBe('0'), 5_000);
    expect(told).toHaveBeenCalledTimes(1);
    expect(await store.sweep(all.clock.now)).toEqual([]);
  });

  test('a start that Redis carries out later holds no seat', async () => {
    const store = await all.open();
    redis.freeze();
    await expect(begin(store, 's1')).rejects.toThrow(SessionsUnavailableError);
    redis.thaw();
    await healthy(store);
    let tries = 1;
    await vi.waitFor(async () => {
      tries += 1;
      expect((await begin(store, `s${tries}`)).ok).toBe(true);
    }, 5_000);
    expect((await store.list(all.clock.now)).map(({ id }) => id)).toEqual([`s${tries}`]);
    all.clock.now += 3 * hour;
    expect(await store.sweep(all.clock.now)).toMatchObject([{ session: { id: `s${tries}` } }]);
  });

  test('nor does one at a gateway that cannot open what another one has sealed', async () => {
    const ahead = await all.open({ sealKeys: fixedSealKeys(Buffer.alloc(32, 9), SEAL_KEY) });
    const store = await all.open();
    await begin(ahead, 's1', 'max', 'sue');
    redis.freeze();
    await expect(begin(store, 's2')).rejects.toThrow(SessionsUnavailableError);
    redis.thaw();
    await healthy(ahead);
    await vi.waitFor(async () => expect((await begin(ahead, 's3')).ok).toBe(true), 5_000);
  });
});

test('an answer that lay there while this instance was busy with something else is not late', async () => {
  const store = await all.open();
  await begin(store, 's1');
  // The first time Redis does not know the script yet, and is asked twice.
  await commit(store, 's1');
  redis.freeze();
  const asked = commit(store, 's1');
  // Where a request is worked out that takes long: before answers are read, and before timers.
  await stat('/');
  redis.thaw();
  const until = performance.now() + 400;
  while (performance.now() < until);
  expect(await asked).not.toBeNull();
});

test('a session stopped while only the connection for ends is dead is stopped on every instance', async () => {
  const proxy = await startRedisProxy(redis.port);
  onTestFinished(() => proxy.close());
  const store = await all.open({ redis: { url: proxy.url } });
  const other = await all.open();
  await begin(store, 's1');
  proxy.swallow(['understudy-ends']);
  expect(await store.end('s1', 'stopped', all.clock.now)).toMatchObject({ why: 'stopped' });
  expect(await commit(other, 's1')).toBeNull();
});

describe('a Redis without its memory', () => {
  test('has lost the sessions: they end once, over all instances, and their cookies pass nothing', async () => {
    const stores = [await all.open(), await all.open()];
    const [store, other] = stores;
    if (store === undefined || other === undefined) throw new Error('too few');
    await begin(store, 's1');
    await vi.waitFor(() => expect(other.liveCount()).toBe(1));
    await redis.cli('FLUSHALL');
    const found: unknown[] = [];
    await vi.waitFor(async () => {
      for (const one of stores) {
        await one.list(all.clock.now);
        found.push(...(await one.sweep(all.clock.now)));
        expect(one.liveCount()).toBe(0);
      }
    }, 10_000);
    expect(found).toMatchObject([{ session: { id: 's1' }, why: 'lost' }]);
    for (const one of stores) expect(await commit(one, 's1')).toBeNull();
    expect((await begin(other, 's2')).ok).toBe(true);
  });

  test('that lost an end has it again: no instance that heard of it lets the session pass', async () => {
    const store = await all.open();
    await begin(store, 's1');
    const names = ['s:s1', `t:${hashOf('s1')}`, 'live', 'seats'];
    for (const name of names) await redis.cli('COPY', all.key(name), all.key(`kept:${name}`));
    await store.end('s1', 'stopped', all.clock.now);
    await store.acknowledge('s1');
    for (const name of names) await redis.cli('COPY', all.key(`kept:${name}`), all.key(name), 'REPLACE');
    expect(await commit(store, 's1')).toBeNull();
    expect(await store.list(all.clock.now)).toEqual([]);
    expect(await redis.cli('HGET', all.key('s:s1'), 'w')).toBe('stopped');
    expect(await redis.cli('ZCARD', all.key('owed'))).toBe('0');
    expect((await begin(store, 's2')).ok).toBe(true);
  });
});

describe('a Redis that is full', () => {
  test('starts nothing; what lives can be touched, passed and ended', async () => {
    const store = await all.open();
    await begin(store, 's1');
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
    await expect(begin(store, 's2', 'max', 'sue')).rejects.toThrow(SessionsUnavailableError);
    await vi.waitFor(() => expect(store.health()).toEqual({ ok: true, trouble: 'full' }), 10_000);
    all.clock.now += 10 * minute;
    expect((await commit(store, 's1'))?.session.idleExpiresAt).toBe(all.clock.now + 30 * minute);
    expect(await store.end('s1', 'stopped', all.clock.now)).not.toBeNull();
  });

  test('and may throw keys away starts nothing at all, unless it was said that it may', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const store = await all.open();
    expect(store.health()).toEqual({ ok: false, trouble: 'eviction_possible' });
    await expect(begin(store, 's1')).rejects.toThrow(SessionsUnavailableError);
    const lenient = await all.open({ redis: { accept_eviction: true } });
    expect(lenient.health()).toEqual({ ok: true, trouble: null });
    expect((await begin(lenient, 's1')).ok).toBe(true);
  });
});

test('a Redis that takes no writes refuses, and works again when it does', async () => {
  const store = await all.open();
  await begin(store, 's1');
  await redis.cli('REPLICAOF', '127.0.0.1', '1');
  await expect(commit(store, 's1')).rejects.toThrow(SessionsUnavailableError);
  await redis.cli('REPLICAOF', 'NO', 'ONE');
  await vi.waitFor(async () => expect(await commit(store, 's1')).not.toBeNull(), 10_000);
});

test('what was published while an instance could not listen, it reads when it listens again', async () => {
  const store = await all.open();
  const other = await all.open();
  await begin(store, 's1');
  await vi.waitFor(() => expect(other.liveCount()).toBe(1));
  await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
  const told = vi.fn<(ended: EndedSession) => void>();
  other.onEnd(told);
  await store.end('s1', 'stopped', all.clock.now);
  await begin(store, 's2', 'max', 'sue');
  await vi.waitFor(() => expect(other.liveFor('sue', all.clock.now)?.id).toBe('s2'), 5_000);
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), 5_000);
});

test('the end whose claimer died before its row was written is handed to another instance, once', async () => {
  const store = await all.open();
  const other = await all.open({ leaseMs: 200 });
  await begin(store, 's1');
  await store.end('s1', 'stopped', all.clock.now);
  await store.close();
  const found: unknown[] = [];
  await vi.waitFor(async () => {
    found.push(...(await other.sweep(all.clock.now)));
    expect(found).toMatchObject([{ session: { id: 's1' }, why: 'stopped' }]);
  }, 5_000);
  await other.acknowledge('s1');
  expect(await redis.cli('ZCARD', all.key('owed'))).toBe('0');
});

describe('two clocks', () => {
  test('a session that is over by one of them is over', async () => {
    const store = await all.open();
    const ahead = await all.open({ clock: { now: () => all.clock.now + 31 * minute } });
    await begin(store, 's1');
    expect(await ahead.commit(hashOf('s1'), all.clock.now + 31 * minute, true)).toBeNull();
    expect((await ahead.find(hashOf('s1'), all.clock.now + 31 * minute)).kind).toBe('dead');
    const redisAhead = await all.open({ redisTime: () => all.clock.now + 31 * minute });
    expect(await redisAhead.commit(hashOf('s1'), all.clock.now, true)).toBeNull();
  });

  test('a little apart they are a warning, far apart nothing starts', async () => {
    const near = await all.open({ redisTime: () => all.clock.now + 3_000 });
    expect(near.health()).toEqual({ ok: true, trouble: 'clock_skew' });
    const far = await all.open({ redisTime: () => all.clock.now - 31_000 });
    expect(far.health()).toEqual({ ok: false, trouble: 'clock_skew' });
    await expect(begin(far, 's1')).rejects.toThrow(SessionsUnavailableError);
  });
});

test('a server that takes over under Sentinel has the sessions, and nobody is seated twice', async () => {
  const replica = await startRedis({ replicaOf: redis });
  onTestFinished(() => replica.close());
  await vi.waitFor(
    async () => expect(await replica.cli('INFO', 'replication')).toContain('master_link_status:up'),
    10_000,
  );
  const sentinel = await startRedis({ sentinelOf: redis });
  onTestFinished(() => sentinel.close());
  const place = { sentinel: { nodes: [`127.0.0.1:${sentinel.port}`], master: 'sessions' } };
  const store = await all.open({ redis: place });
  await begin(store, 's1');
  await vi.waitFor(
    async () =>
      expect(await sentinel.cli('SENTINEL', 'REPLICAS', 'sessions')).toContain(String(replica.port)),
    15_000,
  );
  // What a replica does not have yet is lost with the server, and its actor told so.
  await vi.waitFor(async () => expect(await replica.cli('EXISTS', all.key('s:s1'))).toBe('1'), 10_000);
  await redis.kill();
  await vi.waitFor(async () => expect(await commit(store, 's1')).not.toBeNull(), 15_000);
  expect(await begin(store, 's2', 'max', 'sam')).toMatchObject({
    ok: false,
    taken: { session: { id: 's1' } },
  });
});
