/** An act-as session and the pure rules of its life: start, touch, live at `now`?, why ended. */
import type { Mode, Person } from '../../policy/index.ts';

export type SessionEnd =
  | 'stopped' // the actor pressed Stop
  | 'signed_out' // the actor signed out entirely
  | 'stopped_by_reviewer' // the kill switch
  | 'idle_timeout'
  | 'absolute_timeout'
  | 'actor_signed_out' // the actor's own sign-in ended or became someone else's
  | 'actor_not_permitted' // the actor's or subject's role, status or market no longer allows it
  | 'wrong_seat'; // the upstream seated someone other than the subject

export type ActAsSession = {
  /** Public id (UUID) for record, log and screens; of no use as a credential. */
  readonly id: string;
  /** SHA-256, hex, of the opaque cookie value; the value itself is never stored. */
  readonly tokenHash: string;
  readonly actor: Person;
  readonly subject: Person;
  readonly market: { readonly id: string; readonly name: string } | null;
  readonly mode: Mode;
  readonly reason: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly idleTimeoutMs: number;
  /** Path on our own origin to go back to after stop. */
  readonly returnTo: string;
  readonly ipAddress: string;
  readonly userAgent: string | null;
};

export type NewSession = Omit<ActAsSession, 'startedAt' | 'idleExpiresAt' | 'absoluteExpiresAt'> & {
  readonly absoluteTimeoutMs: number;
};

/** A session that begins at `now`; neither expiry can ever lie past the absolute one. */
export function newSession(facts: NewSession, now: number): ActAsSession {
  const { absoluteTimeoutMs, ...kept } = facts;
  const absoluteExpiresAt = now + absoluteTimeoutMs;
  return {
    ...kept,
    startedAt: now,
    idleExpiresAt: Math.min(now + facts.idleTimeoutMs, absoluteExpiresAt),
    absoluteExpiresAt,
  };
}

/** An expiry is the first instant at which the session is dead. */
export function isLive(session: ActAsSession, now: number): boolean {
  return now < session.idleExpiresAt && now < session.absoluteExpiresAt;
}

/** The session with its idle expiry slid to `min(now + idle, absolute)`: never back, never past its time, never a revival. */
export function touched(session: ActAsSession, now: number): ActAsSession {
  if (!isLive(session, now)) return session;
  const idleExpiresAt = Math.min(now + session.idleTimeoutMs, session.absoluteExpiresAt);
  return idleExpiresAt > session.idleExpiresAt ? { ...session, idleExpiresAt } : session;
}

/** Which clock ended the session, or null while it is live. Where both have run out, the one that came first. */
export function whyEnded(session: ActAsSession, now: number): 'idle_timeout' | 'absolute_timeout' | null {
  if (isLive(session, now)) return null;
  return session.idleExpiresAt < session.absoluteExpiresAt ? 'idle_timeout' : 'absolute_timeout';
}
