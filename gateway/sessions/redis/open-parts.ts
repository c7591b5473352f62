/** Opens the three connections of a store in Redis and puts together what its halves work with. */
import { randomBytes } from 'node:crypto';
import { createAskRedis } from './ask-redis.ts';
import { connectRedis, stayConnected, type RedisClient } from './connect.ts';
import type { RedisConfig } from './redis-schema.ts';
import { createReplica } from './replica.ts';
import { createRetries } from './retries.ts';
import { readScripts } from './scripts.ts';
import { createSeal, type SealKeys } from './seal.ts';
import { createSealedSessions } from './sealed-sessions.ts';
import { askServer, reachedReplica, type ServerFacts } from './server-facts.ts';
import type { RunScript, StoreLog, StoreParts } from './store-parts.ts';

export type RedisStoreOptions = {
  readonly redis: RedisConfig;
  readonly sealKeys: SealKeys;
  readonly log: StoreLog;
  /** This instance's own time: nothing that is over by it passes here, whatever Redis's time is. */
  readonly clock: { now(): number };
  /** Takes the place of Redis's own time where a test sets the clock. */
  readonly redisTime?: () => number;
  /** How long an instance that claimed an end may take to put it on the record; then another one does. */
  readonly leaseMs?: number;
};

export type OpenedParts = {
  readonly parts: StoreParts;
  readonly runEnd: RunScript;
  readonly channel: string;
  readonly clients: { readonly requests: RedisClient; readonly changes: RedisClient };
  readonly askServer: () => Promise<ServerFacts>;
  readonly reachedReplica: (replicas: number) => Promise<boolean | null>;
  /** Lets the connection of ends hear something, too. */
  readonly keepAlive: () => void;
  readonly disconnect: () => void;
};

const MOST_RETRIES = 100_000;

export function openParts({ redis, sealKeys, log, clock, redisTime }: RedisStoreOptions): OpenedParts {
  const base = `${redis.prefix}:{act-as}:`;
  const requests = connectRedis(redis, 'understudy');
  // Waiting for a replica holds up a whole connection, so ends have one of their own.
  const ends = connectRedis(redis, 'understudy-ends');
  const changes = connectRedis(redis, 'understudy-changes');
  const closers = [requests, ends, changes].map(stayConnected);

  const scripts = readScripts();
  const runner = (client: RedisClient): RunScript => {
    const ask = createAskRedis(client, `${base}live`, () => performance.now());
    return (name, args, { now = clock.now(), ...how } = {}) =>
      ask(scripts[name], [String(redisTime?.() ?? ''), String(now), ...args], how);
  };
  const trouble = (error: unknown): void => log.warn({ err: error }, 'the session store is in trouble');
  const seal = createSeal(sealKeys, randomBytes);
  return {
    parts: {
      run: runner(requests),
      seal,
      sealed: createSealedSessions(seal),
      replica: createReplica(),
      retries: createRetries(MOST_RETRIES, trouble),
      now: () => clock.now(),
      log,
      trouble,
    },
    runEnd: runner(ends),
    channel: `${base}changes`,
    clients: { requests, changes },
    askServer: () => askServer(requests),
    reachedReplica: (replicas) => reachedReplica(ends, redis.cluster === undefined ? replicas : 0),
    keepAlive: () => void ends.ping().catch(() => undefined),
    disconnect() {
      for (const close of closers) close();
    },
  };
}
