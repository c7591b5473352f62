/** The session store that was configured: Redis where an address of one is given, else this process's own memory. */
import { createMemorySessionStore } from './memory-session-store.ts';
import type { RedisStoreOptions } from './redis/open-parts.ts';
import type { RedisConfig } from './redis/redis-schema.ts';
import { openSealKeys } from './redis/seal-keys.ts';
import type { SessionStore } from './session-store.ts';

export type SessionsConfig = {
  readonly sessions: { readonly redis?: RedisConfig | undefined };
  readonly keys: { readonly folder: string };
};

/**
 * A Redis that does not answer yet is waited for in the background, and nobody acts meanwhile.
 * @throws KeysUnusableError with one clear line when the key that seals sessions cannot be used
 */
export async function openSessionStore(
  { sessions, keys }: SessionsConfig,
  options: Pick<RedisStoreOptions, 'log' | 'clock' | 'redisTime'>,
): Promise<SessionStore> {
  if (sessions.redis === undefined) return createMemorySessionStore();
  // Loaded only where it is used: the client is large, and most gateways stand alone.
  const { createRedisSessionStore } = await import('./redis/redis-session-store.ts');
  return createRedisSessionStore({
    ...options,
    redis: sessions.redis,
    sealKeys: await openSealKeys(keys.folder),
  });
}
