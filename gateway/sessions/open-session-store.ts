/** The session store that was configured: Redis where an address of one is given, else this process's own memory. */
import { createMemorySessionStore } from './memory-session-store.ts';
import type { RedisStoreOptions } from './redis/open-parts.ts';
import type { RedisConfig } from './redis/redis-schema.ts';
import { openSealKeys } from './redis/seal-keys.ts';
import type { SessionStore } from './session-store.ts';

export type SessionsConfig = {
  readonly sessions: { readonly redis?: RedisConfig | undefined };
  readonly keys: { readonly folder: string };
  readonly links: { readonly at_most: number };
};

/** No policy allows a longer one (`absolute_timeout`). */
const LONGEST_SESSION_MS = 24 * 60 * 60_000;
/** Redis knows sessions and links for a day after their end; an hour for clocks that differ. */
const KEPT_AFTER_MS = 25 * 60 * 60_000;

/**
 * A Redis that does not answer yet is waited for in the background, and nobody acts meanwhile.
 * @throws KeysUnusableError with one clear line when the key that seals sessions cannot be used
 */
export async function openSessionStore(
  { sessions, keys, links }: SessionsConfig,
  options: Pick<RedisStoreOptions, 'log' | 'clock' | 'redisTime'>,
): Promise<SessionStore> {
  if (sessions.redis === undefined) return createMemorySessionStore();
  // Loaded only where it is used: the client is large, and most gateways stand alone.
  const { createRedisSessionStore } = await import('./redis/redis-session-store.ts');
  const { log, clock } = options;
  const sealKeys = await openSealKeys({
    folder: keys.folder,
    now: () => clock.now(),
    keptMs: Math.max(LONGEST_SESSION_MS, links.at_most) + KEPT_AFTER_MS,
  });
  const store = await createRedisSessionStore({ ...options, redis: sessions.redis, sealKeys });
  const unfollow = sealKeys.follow({
    onChange: (names) => log.info({ keys: names }, 'the keys that seal sessions were read again'),
    onTrouble: (error) => log.warn({ err: error }, 'the keys that seal sessions could not be read again'),
  });
  return {
    ...store,
    close() {
      unfollow();
      return store.close();
    },
  };
}
