/** Opens stores in a test's own Redis: each in a corner of its own, or several that share one as gateways do. */
import { randomUUID } from 'node:crypto';
import type { RedisStoreOptions, SessionStore } from '../../../../gateway/sessions/index.ts';
import { createRedisSessionStore } from '../../../../gateway/sessions/redis/redis-session-store.ts';
import { sealKeyOf, type SealKeys } from '../../../../gateway/sessions/redis/seal.ts';
import { redisSchema } from '../../../../gateway/sessions/redis/redis-schema.ts';
import type { TestClock } from '../../../contract/session-store.contract.ts';

export const SEAL_KEY = Buffer.alloc(32, 7);

/** The first seals, all open. */
export function fixedSealKeys(first: Buffer, ...others: readonly Buffer[]): SealKeys {
  const keys = [first, ...others].map(sealKeyOf);
  return {
    sealing: () => sealKeyOf(first),
    opening: (id) => keys.find((key) => key.id.equals(id)),
  };
}

const silent = { warn: () => undefined, info: () => undefined };

export type OpenOptions = Partial<Omit<RedisStoreOptions, 'redis'>> & {
  readonly redis?: Readonly<Record<string, unknown>>;
};

/** A prefix that no other store of this run has. */
export function newPrefix(): string {
  return `test-${randomUUID()}`;
}

/** @param clock the instance's time and Redis's, unless the options say otherwise */
export function openRedisStore(
  url: string,
  clock: TestClock,
  { redis = {}, ...more }: OpenOptions = {},
): Promise<SessionStore> {
  return createRedisSessionStore({
    redis: redisSchema.parse({ url, prefix: newPrefix(), ...redis }),
    sealKeys: fixedSealKeys(SEAL_KEY),
    log: silent,
    clock: { now: () => clock.now },
    redisTime: () => clock.now,
    ...more,
  });
}

export type Opened = {
  readonly clock: TestClock;
  /** Opens one more store on the same sessions, as another gateway would. */
  readonly open: (options?: OpenOptions) => Promise<SessionStore>;
  /** The name of a key of theirs. */
  readonly key: (name: string) => string;
};

/** A corner for the stores of one test, which are closed with it. */
export function corner(url: () => string, closeLater: (close: () => Promise<void>) => void): Opened {
  const clock: TestClock = { now: Date.UTC(2026, 3, 18, 14, 0, 0) };
  const prefix = newPrefix();
  return {
    clock,
    key: (name) => `${prefix}:{act-as}:${name}`,
    async open({ redis, ...more } = {}) {
      const store = await openRedisStore(url(), clock, { redis: { prefix, ...redis }, ...more });
      closeLater(() => store.close());
      return store;
    },
  };
}
