/** An act-as session and the pure rules of its life: start, touch, live at `now`?, why ended. */
import type { Mode, Pause, Person } from '../../policy/index.ts';

export type SessionEnd =
  | 'stopped' // the actor pressed Stop
  | 'signed_out' // the actor signed out entirely
  | 'stopped_by_reviewer' // the kill switch
  | 'taken_over' // a colleague took the seat
  | 'idle_timeout'
  | 'absolute_timeout'
  | 'actor_signed_out' // the actor's own sign-in ended or became someone else's
  | 'actor_inactive' // the actor's own account was closed or blocked
  | 'actor_not_permitted' // the actor's role or market, or anything of the subject's, no longer allows it
  | 'moved' // the actor's address or browser became another, and the policy ends sessions for that
  | 'wrong_seat' // the upstream seated someone other than the subject
  | 'lost'; // the session store lost its memory

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
  /** Whether the subject pauses with the session, or once the actor locks the cart. */
  readonly pause: Pause;
  /** Whether the subject is paused now. */
  readonly locked: boolean;
  /** Carts seen in this session, by ids of their own: paused with the subject, whoever sends them. At most {@link MOST_CARTS}. */
  readonly cartIds: readonly string[];
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

type Made = 'startedAt' | 'idleExpiresAt' | 'absoluteExpiresAt' | 'pause' | 'locked' | 'cartIds';

export type NewSession = Omit<ActAsSession, Made> & {
  readonly absoluteTimeoutMs: number;
  /** `at_start` unless said. */
  readonly pause?: Pause;
};

/** A session that begins at `now`; neither expiry can ever lie past the absolute one. */
export function newSession(facts: NewSession, now: number): ActAsSession {
  const { absoluteTimeoutMs, pause = 'at_start', ...kept } = facts;
  const absoluteExpiresAt = now + absoluteTimeoutMs;
  return {
    ...kept,
    pause,
    locked: pause === 'at_start',
    cartIds: [],
    startedAt: now,
    idleExpiresAt: Math.min(now + facts.idleTimeoutMs, absoluteExpiresAt),
    absoluteExpiresAt,
  };
}

/** What of a live session may become different; carts are added to those it has. */
export type SessionChange = { readonly locked?: boolean; readonly cartIds?: readonly string[] };

const MOST_CARTS = 32;

/** The very same session where nothing changes. The carts seen last are kept; of a session that pauses at start the lock stays. */
export function changed(session: ActAsSession, change: SessionChange): ActAsSession {
  const locked = session.pause === 'at_start' || (change.locked ?? session.locked);
  const added = (change.cartIds ?? []).filter((id) => !session.cartIds.includes(id));
  if (locked === session.locked && added.length === 0) return session;
  return { ...session, locked, cartIds: [...session.cartIds, ...new Set(added)].slice(-MOST_CARTS) };
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
