/** Act-as sessions: the rules of their life and the stores that keep them. */
export {
  changed,
  isLive,
  newSession,
  touched,
  whyEnded,
  type ActAsSession,
  type NewSession,
  type SessionChange,
  type SessionEnd,
} from './session.ts';
export { sessionEndRecord, type SessionEndRecord } from './session-end.ts';
export { isSessionToken, newSessionToken, tokenHash } from './session-token.ts';
export {
  isOwnCookieName,
  isSessionCookieName,
  NEWS_COOKIE,
  REFUSAL_COOKIE,
  SIGNED_IN_COOKIE,
  STAFF_COOKIE,
  sessionCookieName,
} from './session-cookie.ts';
export {
  SessionsUnavailableError,
  type Committed,
  type EndedSession,
  type KeptJar,
  type Lookup,
  type SeatTaken,
  type SessionsHealth,
  type SessionStore,
  type StartResult,
} from './session-store.ts';
export { createMemorySessionStore, type MemorySessionStoreOptions } from './memory-session-store.ts';
export { openSessionStore } from './open-session-store.ts';
export { redisSchema, redisUrl, type RedisConfig } from './redis/redis-schema.ts';
export { rotateSealKey } from './redis/rotate-seal-key.ts';
export type { RedisStoreOptions } from './redis/open-parts.ts';
