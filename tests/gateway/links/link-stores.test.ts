/** Act-as links, in memory and in a Redis of the test's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLinkStore } from '../../../gateway/links/memory-link-store.ts';
import { createMemorySessionStore } from '../../../gateway/sessions/index.ts';
import { linkStoreContract } from '../../contract/link-store.contract.ts';
import { startRedis, type RedisServer } from '../../redis-server.ts';
import { openRedisStore } from '../sessions/redis/open-store.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

linkStoreContract('in memory', async () => createMemorySessionStore());
linkStoreContract('in Redis', (clock) => openRedisStore(redis.url, clock));

const person = { id: 'sam', name: 'Sam', email: '' };
const link = (id: string, createdAt = 0) =>
  ({
    id,
    secretHash: `hash-of-${id}`,
    actorId: 'mo',
    subject: person,
    market: null,
    reason: null,
    createdBy: person,
    createdAt,
    expiresAt: createdAt + 1000,
    state: 'open',
  }) as const;

describe('links in memory', () => {
  it('are bounded, and the long forgotten make room', async () => {
    const links = createMemoryLinkStore({ most: 2 });
    expect([await links.add(link('a')), await links.add(link('b')), await links.add(link('c'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await links.add(link('d', 2 * 24 * 3_600_000))).toBe(true);
    expect(await links.find('hash-of-a')).toBeNull();
  });

  it('make room when they are spent, but not while they are open or being pressed', async () => {
    const links = createMemoryLinkStore({ most: 3 });
    for (const id of ['used', 'revoked', 'claimed']) await links.add(link(id));
    expect(await links.add(link('a'))).toBe(false);
    await links.claim('used', 0);
    await links.settle('used', 'used');
    await links.revoke('revoked', 0);
    await links.claim('claimed', 0);
    expect([await links.add(link('a')), await links.add(link('b')), await links.add(link('c'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await links.settle('claimed', 'used')).toBe(true);
  });
});

describe('links in Redis', () => {
  it('are sealed: whoever reads there learns neither names nor reasons, and what they write opens nothing', async () => {
    const store = await openRedisStore(redis.url, { now: 0 });
    await store.links.add(link('mine'));
    const keys = (await redis.cli('--scan', '--pattern', '*mine*')).split('\n');
    const key = keys.find((one) => one.endsWith(':l:mine')) ?? '';
    expect(await redis.cli('HGETALL', key)).not.toContain('Sam');
    await redis.cli('HSET', key, 'f', 'forged');
    await expect(store.links.find('hash-of-mine')).rejects.toThrow('not sealed by us');
    await store.links.add(link('other'));
    await redis.cli('SET', key.replace(':l:mine', ':k:hash-of-stolen'), 'other');
    expect(await store.links.find('hash-of-stolen')).toBeNull();
    await store.close();
  });
});

describe('turns in Redis', () => {
  it('are one holder’s at a time, until they leave or their time is over', async () => {
    const store = await openRedisStore(redis.url, { now: 0 });
    const { turns } = store;
    if (turns === null) throw new Error('Redis is shared');
    expect(await turns.take('hook', 'a', 60_000)).toBe(true);
    expect(await turns.take('hook', 'a', 60_000)).toBe(true);
    expect(await turns.take('hook', 'b', 60_000)).toBe(false);
    expect(await turns.noted('hook')).toBeNull();
    await turns.note('hook', 'a', 7);
    await turns.note('hook', 'b', 9);
    expect(await turns.noted('hook')).toBe(7);
    await turns.leave('hook', 'b');
    expect(await turns.take('hook', 'b', 60_000)).toBe(false);
    await turns.leave('hook', 'a');
    expect(await turns.take('hook', 'b', 1)).toBe(true);
    await expect.poll(() => turns.take('hook', 'a', 60_000)).toBe(true);
    expect(await turns.noted('hook')).toBe(7);
    await store.close();
  });
});
