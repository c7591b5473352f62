/**
 * The story: someone read the memory of the sessions' Redis, or could write there. They found no credential that works,
 * and whatever they wrote was nobody's session.
 */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { newSession, SessionsUnavailableError, tokenHash } from '../../../../gateway/sessions/index.ts';
import { facts, hashOf, person } from '../../../contract/session-store.facts.ts';
import { startRedis, type RedisServer } from '../../../redis-server.ts';
import { corner, fixedSealKeys, SEAL_KEY, type Opened } from './open-store.ts';

let redis: RedisServer;
let all: Opened;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  all = corner(() => redis.url, onTestFinished);
});

async function everything(): Promise<string> {
  const names = (await redis.cli('KEYS', all.key('*'))).split('\n');
  const texts = await Promise.all(
    names.map(async (name) => {
      const type = await redis.cli('TYPE', name);
      if (type === 'hash') return redis.cli('HGETALL', name);
      return type === 'zset' ? redis.cli('ZRANGE', name, '0', '-1') : redis.cli('GET', name);
    }),
  );
  return [...names, ...texts].join('\n');
}

const token = 'A'.repeat(43);
const started = () =>
  newSession(
    facts({
      id: 's1',
      tokenHash: tokenHash(token),
      actor: { ...person('u1'), name: 'Mia Moreno' },
      subject: { ...person('u2'), email: 'sam@valley.example' },
      reason: 'phone order',
      ipAddress: '203.0.113.9',
    }),
    all.clock.now,
  );

test('no token, cookie, name or address stands there in the clear', async () => {
  const store = await all.open();
  await store.start(started());
  await store.saveJar(tokenHash(token), '{"sid":"cookie-of-sam"}', 0);
  const text = await everything();
  expect(text).toContain('s1');
  for (const secret of [token, 'cookie-of-sam', 'Mia Moreno', 'sam@valley', 'phone order', '203.0.113.9'])
    expect(text).not.toContain(secret);
});

test('what is written there is no session, and moves no session to another token', async () => {
  const store = await all.open();
  await store.start(started());
  await redis.cli('SET', all.key(`t:${hashOf('mine')}`), 's1');
  const fresh = await all.open();
  await expect(fresh.find(hashOf('mine'), all.clock.now)).rejects.toThrow(SessionsUnavailableError);
  await expect(fresh.commit(hashOf('mine'), all.clock.now, true)).rejects.toThrow(SessionsUnavailableError);
  await redis.cli('HSET', all.key('s:s1'), 'f', 'AAAA', 'i', '99999999999999', 'x', '99999999999999');
  await expect((await all.open()).commit(tokenHash(token), all.clock.now, true)).rejects.toThrow(
    SessionsUnavailableError,
  );
});

test('no idle expiry that is written there reaches past the absolute one', async () => {
  const store = await all.open();
  await store.start(started());
  await redis.cli('HSET', all.key('s:s1'), 'i', '99999999999999');
  const found = await (await all.open()).list(all.clock.now);
  expect(found[0]?.idleExpiresAt).toBe(started().absoluteExpiresAt);
});

test('nonsense on the channel changes nothing', async () => {
  const store = await all.open();
  await store.start(started());
  const nonsense = [
    '',
    '{',
    '{"k":"end","v":1,"id":"s1","f":"AAAA","i":1,"w":"stopped","e":1}',
    '{"k":"start"}',
  ];
  for (const text of nonsense) await redis.cli('PUBLISH', all.key('changes'), text);
  expect(store.liveFor('u2', all.clock.now)?.id).toBe('s1');
  expect(await store.commit(tokenHash(token), all.clock.now, true)).not.toBeNull();
});

test('a new key seals, and what the old one sealed is opened as long as it is there', async () => {
  const newer = Buffer.alloc(32, 9);
  await (await all.open()).start(started());
  const both = await all.open({ sealKeys: fixedSealKeys(newer, SEAL_KEY) });
  expect(await both.list(all.clock.now)).toEqual([started()]);
  const without = await all.open({ sealKeys: fixedSealKeys(newer) });
  await expect(without.commit(tokenHash(token), all.clock.now, true)).rejects.toThrow(
    SessionsUnavailableError,
  );
});

test('an instance that cannot open what the others tell says so until it can, and hears then of starts and of ends', async () => {
  const newer = Buffer.alloc(32, 9);
  const known = { keys: fixedSealKeys(SEAL_KEY) };
  const behind = await all.open({
    sealKeys: { sealing: () => known.keys.sealing(), opening: (id) => known.keys.opening(id) },
  });
  const ahead = await all.open({ sealKeys: fixedSealKeys(newer, SEAL_KEY) });
  const says = (ok: boolean): Promise<void> => vi.waitFor(() => expect(behind.health().ok).toBe(ok), 5_000);
  await says(true);

  await ahead.start(started());
  await says(false);
  expect(behind.liveFor('u2', all.clock.now)).toBeNull();
  known.keys = fixedSealKeys(SEAL_KEY, newer);
  await says(true);
  expect(behind.liveFor('u2', all.clock.now)?.id).toBe('s1');

  known.keys = fixedSealKeys(SEAL_KEY);
  await ahead.end('s1', 'stopped', all.clock.now);
  await says(false);
  known.keys = fixedSealKeys(SEAL_KEY, newer);
  await says(true);
  expect(behind.liveFor('u2', all.clock.now)).toBeNull();
});
