/** Act-as sessions: the rules of their life and the stores that keep them. */
export {
  isLive,
  newSession,
  touched,
  whyEnded,
  type ActAsSession,
  type NewSession,
  type SessionEnd,
} from './session.ts';
export { sessionEndRecord, type SessionEndRecord } from './session-end.ts';
export { isSessionToken, newSessionToken, tokenHash } from './session-token.ts';
export {
  isOwnCookieName,
  isSessionCookieName,
  REFUSAL_COOKIE,
  STAFF_COOKIE,
  sessionCookieName,
} from './session-cookie.ts';
export {
  SessionsUnavailableError,
  type EndedSession,
  type Lookup,
  type SeatTaken,
  type SessionStore,
  type StartResult,
} from './session-store.ts';
export { createMemorySessionStore, type MemorySessionStoreOptions } from './memory-session-store.ts';
