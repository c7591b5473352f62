/** One contract, whatever keeps the sessions: a Redis alone, a Redis Cluster, and a Redis found by Sentinel. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSession } from '../../../../gateway/sessions/index.ts';
import { sessionStoreContract } from '../../../contract/session-store.contract.ts';
import { facts, minute, person } from '../../../contract/session-store.facts.ts';
import { checkRandomLives } from '../../../contract/session-store.model.ts';
import { startRedis, type RedisServer } from '../../../redis-server.ts';
import { corner, openRedisStore } from './open-store.ts';

let alone: RedisServer;
let cluster: RedisServer;
let sentinel: RedisServer;

beforeAll(async () => {
  alone = await startRedis();
  cluster = await startRedis({ cluster: true });
  sentinel = await startRedis({ sentinelOf: alone });
});
afterAll(async () => {
  await Promise.all([sentinel.close(), cluster.close()]);
  await alone.close();
});

sessionStoreContract('in Redis', (clock) => openRedisStore(alone.url, clock));
sessionStoreContract('in a Redis Cluster', (clock) =>
  openRedisStore('redis://ignored', clock, { redis: { cluster: { nodes: [`127.0.0.1:${cluster.port}`] } } }),
);
sessionStoreContract('in Redis behind Sentinel', (clock) =>
  openRedisStore('redis://ignored', clock, {
    redis: { sentinel: { nodes: [`127.0.0.1:${sentinel.port}`], master: 'sessions' } },
  }),
);

describe('the session store in Redis', () => {
  it('never seats two, never ends twice and never forgets an end, in any order of events', async () => {
    await expect(checkRandomLives((clock) => openRedisStore(alone.url, clock), 60)).resolves.toBeUndefined();
  });

  it('gives one of two instances the seat that both ask for, and one of them its end, every time', async () => {
    const all = corner(() => alone.url, onTestFinished);
    const stores = [await all.open(), await all.open()];
    for (let round = 0; round < 200; round += 1) {
      const starts = await Promise.all(
        stores.map((store, n) => {
          const id = `s${round}-${n}`;
          const people = { actor: person(`a${n}`), subject: person('sam') };
          return store.start(newSession(facts({ id, ...people }), all.clock.now));
        }),
      );
      expect(starts.filter((start) => start.ok)).toHaveLength(1);
      all.clock.now += 31 * minute;
      const ends = await Promise.all(stores.map((store) => store.sweep(all.clock.now)));
      expect(ends.flat()).toHaveLength(1);
    }
  });

  it('tells every instance what one of them has changed', async () => {
    const all = corner(() => alone.url, onTestFinished);
    const stores = [await all.open(), await all.open()];
    const session = newSession(facts({ id: 's1', pause: 'on_lock' }), all.clock.now);
    for (const [index, store] of stores.entries()) {
      if (index === 0) await store.start(session);
      await store.change('s1', { cartIds: [`c${index}`], locked: index === 1 }, all.clock.now);
    }
    for (const store of stores)
      await vi.waitFor(() =>
        expect(store.liveFor('sam', all.clock.now)).toMatchObject({ locked: true, cartIds: ['c0', 'c1'] }),
      );
  });

  it('keeps an end that was claimed days late until its row can be written', async () => {
    const all = corner(() => alone.url, onTestFinished);
    const store = await all.open();
    await store.start(newSession(facts({ id: 'late' }), all.clock.now));
    all.clock.now += 3 * 24 * 60 * 60 * 1000;
    expect(await store.sweep(all.clock.now)).toMatchObject([
      { session: { id: 'late' }, why: 'idle_timeout' },
    ]);
    const [key = ''] = (await alone.cli('KEYS', '*:s:late')).trim().split('\n');
    expect(Number(await alone.cli('PTTL', key))).toBeGreaterThan(60 * 60 * 1000);
  });

  it('does not wait for a replica with an end, and says when none has it yet', async () => {
    const replica = await startRedis({ replicaOf: alone });
    onTestFinished(() => replica.close());
    const linked = async (): Promise<void> =>
      expect(await alone.cli('INFO', 'replication')).toContain('state=online');
    await vi.waitFor(linked, 10_000);
    const all = corner(() => alone.url, onTestFinished);
    const happened: string[] = [];
    const warn = (what: object, message: string): void =>
      void happened.push(`${JSON.stringify(what)} ${message}`);
    const store = await all.open({ log: { warn, info: () => undefined } });
    const start = (id: string) => store.start(newSession(facts({ id }), all.clock.now));
    await start('s1');
    await store.end('s1', 'stopped', all.clock.now);
    await start('s2');
    replica.freeze();
    await store.end('s2', 'stopped', all.clock.now);
    happened.push('ended');
    const told = '{"session_id":"s2"} the end of a session is not on a replica yet';
    await vi.waitFor(() => expect(happened).toContain(told));
    // The first session's end may have been late at a replica that had only just come.
    expect(happened.indexOf('ended')).toBeLessThan(happened.indexOf(told));
    replica.thaw();
  });
});
