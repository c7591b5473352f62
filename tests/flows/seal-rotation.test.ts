/**
 * The story: the key that seals sessions in Redis is renewed on a working afternoon, with people acting on two gateways.
 * Nobody's request fails, before, while and after the new key takes over, and what the old one sealed opens for as long as
 * it can be there.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createLog, openSessionStore, rotateSealKey, type SessionStore } from '../../gateway/index.ts';
import { redisSchema } from '../../gateway/sessions/index.ts';
import { folderWith } from '../cli/understudy.ts';
import { run, writeSetup } from '../security/gateway-process.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { MINUTE } from '../system.ts';
import { startGateways } from './gateways.ts';

// Two hours of acting, a request at a time.
vi.setConfig({ testTimeout: 60_000 });

const DAY = 24 * 60 * MINUTE;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

test('no request fails while two gateways go from one key to the next, and sessions of either go on', async () => {
  const all = await startGateways([redis.url, redis.url]);
  onTestFinished(() => all.close());
  const [here, there] = all.instances;
  if (here === undefined || there === undefined) throw new Error('there should be two');
  const folder = join(dirname(all.auditFile), 'data/keys');
  const keys = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('session-seal'));
  /** Which key sealed the facts of the session for this subject. */
  const keyOf = async (subject: string): Promise<string> => {
    const id = here.sessions.liveFor(subject, all.now())?.id ?? '';
    const facts = await redis.cli('HGET', `understudy:{act-as}:s:${id}`, 'f');
    return Buffer.from(facts.trim(), 'base64url').subarray(0, 4).toString('hex');
  };
  /** A gateway that was started just now: it knows nothing by heart. */
  const another = async (): Promise<SessionStore> => {
    const store = await openSessionStore(
      {
        sessions: { redis: redisSchema.parse({ url: redis.url }) },
        links: { at_most: 7 * DAY },
        keys: { folder },
      },
      { log: createLog('silent'), clock: { now: all.now }, redisTime: all.now },
    );
    onTestFinished(() => store.close());
    return store;
  };

  const mia = all.person('u-mia', here);
  await mia.actAs('u-sam');
  const old = await keyOf('u-sam');
  const { file, from } = await rotateSealKey({ folder, now: all.now(), atOnce: false });
  expect(keys()).toHaveLength(2);
  await expect
    .poll(() => all.log().match(/keys that seal sessions were read again/g), { timeout: 20_000 })
    .toHaveLength(2);

  for (let step = 0; all.now() < from + MINUTE; step += 1) {
    await all.pass(20_000);
    const at = step % 2 === 0 ? here : there;
    const answers = [
      await all.sentTo(mia, at).get('/api/cart'),
      await all.sentTo(mia, at).send('POST', '/api/orders', {}),
    ];
    expect([step, ...answers.map(({ status }) => status)]).toEqual([step, 200, 201]);
  }
  const mo = all.person('u-mo', there);
  await mo.actAs('u-sue');
  expect(await keyOf('u-sam')).toBe(old);
  expect(await keyOf('u-sue')).not.toBe(old);
  expect((await (await another()).list(all.now())).map(({ subject }) => subject.id)).toEqual([
    'u-sam',
    'u-sue',
  ]);

  // To the end of its two hours, the old session is one that any gateway can open.
  const fresh = await another();
  for (let minutes = 0; minutes < 110; minutes += 10) {
    await all.pass(10 * MINUTE);
    expect((await all.sentTo(mia, there).get('/api/cart')).status).toBe(200);
  }
  expect(fresh.liveFor('u-sam', all.now())?.actor.id).toBe('u-mia');
  await all.pass(10 * MINUTE);
  expect((await mia.get('/api/cart')).status).toBe(401);
  expect(keys()).toHaveLength(2);

  await all.pass(9 * DAY);
  await expect.poll(keys, { timeout: 20_000 }).toEqual([file.slice(folder.length + 1)]);
  await mia.actAs('u-sam');
  expect(await keyOf('u-sam')).not.toBe(old);
});

test('the command renews it beside the key that signs, where sessions are in Redis', async () => {
  const folder = folderWith({});
  const file = writeSetup(folder);
  const rotated = await run(['keys', 'rotate', '--config', file], { REDIS_URL: redis.url });
  expect([rotated.code, rotated.stderr]).toEqual([0, '']);
  expect(rotated.stdout).toMatch(
    /signs from \S+Z\n\S+session-seal-from-\S+\.key opens from now on, and seals sessions in Redis from \S+Z\n$/,
  );
  const names = readdirSync(join(folder, 'data/keys'));
  expect(names.map((name) => name.replace(/\d{8}T\d{6}Z/, 'then')).toSorted()).toEqual([
    'session-seal-from-then.key',
    'subject-token-eddsa-from-then.pem',
  ]);
  const again = await run(['keys', 'rotate', '--config', file], { REDIS_URL: redis.url });
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toMatch(/ is on its way already\n$/);
});
