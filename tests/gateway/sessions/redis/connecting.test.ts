/** However the sessions' Redis is guarded: by a password, a user of its own with few rights, or TLS whose certificate is checked. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newSession, redisUrl } from '../../../../gateway/sessions/index.ts';
import { facts, hashOf } from '../../../contract/session-store.facts.ts';
import { startRedis, type RedisServerOptions } from '../../../redis-server.ts';
import { openRedisStore, type OpenOptions } from './open-store.ts';

const clock = { now: Date.UTC(2026, 3, 18) };
const certificates = join(import.meta.dirname, '../../../security/certificates');
const loopback = {
  cert: join(certificates, 'loopback.cert.pem'),
  key: join(certificates, 'loopback.key.pem'),
};
const other = { cert: join(certificates, 'other.cert.pem'), key: join(certificates, 'other.key.pem') };

async function works(
  options: RedisServerOptions,
  place: (url: string) => { readonly url: string } & OpenOptions,
): Promise<boolean> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.close());
  const { url, ...more } = place(redis.url);
  const store = await openRedisStore(url, clock, more);
  onTestFinished(() => store.close());
  if (!store.health().ok) return false;
  await store.start(newSession(facts({ id: 's1' }), clock.now));
  return (await store.commit(hashOf('s1'), clock.now, true)) !== null;
}

test('by a password in the address', async () => {
  const options = { password: 'secret' };
  expect(await works(options, (url) => ({ url }))).toBe(true);
  expect(await works(options, (url) => ({ url: url.replace('secret', 'wrong') }))).toBe(false);
});

test('by a user who may touch the keys and the channel of its prefix, and nothing else', async () => {
  const rights = '~shop:* &shop:* -@all +@scripting +@read +@write +@pubsub +@connection +info +wait +time';
  const options = { config: [`user gateway on >secret ${rights}`] };
  const asUser = (url: string): string => url.replace('//', '//gateway:secret@');
  expect(await works(options, (url) => ({ url: asUser(url), redis: { prefix: 'shop' } }))).toBe(true);
});

test('by TLS, and only with a certificate that was vouched for', async () => {
  const options = { tls: loopback };
  expect(await works(options, (url) => ({ url, redis: { ca_file: loopback.cert } }))).toBe(true);
  expect(await works(options, (url) => ({ url }))).toBe(false);
  expect(await works({ tls: other }, (url) => ({ url, redis: { ca_file: other.cert } }))).toBe(false);
});

test('behind Sentinels that ask for a password and speak TLS, whatever the Redis itself asks for', async () => {
  const master = await startRedis({ password: 'of-redis' });
  onTestFinished(() => master.close());
  const sentinel = await startRedis({
    sentinelOf: master,
    password: 'of-sentinel',
    tls: loopback,
    config: ['sentinel auth-pass sessions of-redis'],
  });
  onTestFinished(() => sentinel.close());
  const nodes = [`127.0.0.1:${sentinel.port}`];
  async function reached(beyond: Readonly<Record<string, unknown>>): Promise<boolean> {
    const redis = { ca_file: loopback.cert, sentinel: { nodes, master: 'sessions', ...beyond } };
    const store = await openRedisStore(master.url, clock, { redis });
    onTestFinished(() => store.close());
    return store.health().ok;
  }
  expect(await reached({ tls: true, password: 'of-sentinel' })).toBe(true);
  expect(await reached({ tls: true, password: 'wrong' })).toBe(false);
  expect(await reached({ password: 'of-sentinel' })).toBe(false);
});

test('in a database of its own', async () => {
  expect(await works({}, (url) => ({ url: `${url}/3` }))).toBe(true);
});

test.each(['http://localhost', 'localhost:6379', 'redis://localhost/sessions', 'redis://localhost/1/2'])(
  'not at %s, which is said while the configuration is read',
  (url) => {
    expect(redisUrl.safeParse(url).success).toBe(false);
  },
);
