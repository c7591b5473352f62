/** Where live act-as sessions are kept. Every change is atomic; one contract suite runs against each implementation. */
import type { ActAsSession, SessionEnd } from './session.ts';

export type SeatTaken = { readonly by: 'actor' | 'subject'; readonly session: ActAsSession };

export type EndedSession = {
  readonly session: ActAsSession;
  readonly why: SessionEnd;
  /** When it ended: for a timeout the expiry itself, however much later it was noticed. */
  readonly endedAt: number;
};

export type StartResult =
  | {
      readonly ok: true;
      readonly session: ActAsSession;
      /**
       * Sessions past their time that still held one of the two seats, claimed by this start as {@link SessionStore.end}
       * would have claimed them. The caller records them, before the new start.
       */
      readonly expired: readonly EndedSession[];
    }
  | { readonly ok: false; readonly taken: SeatTaken };

/** What a presented cookie turned out to be. */
export type Lookup =
  | { readonly kind: 'live'; readonly session: ActAsSession }
  /**
   * Ended, or past its time though nobody claimed it yet; null when it was never known or is long forgotten. Finding
   * claims nothing: who wants the end on the record at once calls `end` with the session's id.
   */
  | { readonly kind: 'dead'; readonly ended: EndedSession | null };

/** Thrown by any method when the store cannot answer. */
export class SessionsUnavailableError extends Error {
  override readonly name = 'SessionsUnavailableError';
}

/**
 * Whoever receives an {@link EndedSession} from `start`, `end` or `sweep` has claimed that end and owes the record its
 * row: each end is handed out exactly once, over all instances and for all time. A session seen past its time stays
 * dead even if the clock is set back.
 */
export interface SessionStore {
  /**
   * Takes the seat at `session.startedAt` unless a live session holds the actor or the subject; settled atomically.
   * Refused, it changes nothing. The id and the token must be new.
   */
  start(session: ActAsSession): Promise<StartResult>;
  /** Looks a cookie's hash up; a session past its time is dead even before anyone swept it. Never touches. */
  find(tokenHash: string, now: number): Promise<Lookup>;
  /** Moves the idle expiry to `min(now + idle, absolute)` and returns the session, or null if it is no longer live. */
  touch(tokenHash: string, now: number): Promise<ActAsSession | null>;
  /** Claims the end of a session, or answers null if somebody has. One already past its time ends as that timeout, not as `why`. */
  end(id: string, why: SessionEnd, now: number): Promise<EndedSession | null>;
  /** Claims, as {@link end} does, every session whose time has passed. */
  sweep(now: number): Promise<readonly EndedSession[]>;
  /** The live sessions, oldest first; for recovery and for reviewers. */
  list(now: number): Promise<readonly ActAsSession[]>;
  /**
   * Local and synchronous: sessions this instance knows by heart whose end nobody has claimed. Zero keeps ordinary
   * traffic on the short way.
   */
  liveCount(): number;
  liveFor(subjectId: string, now: number): ActAsSession | null;
  /** The jar of upstream cookies, serialised; null when there is none or the session has ended. */
  loadJar(tokenHash: string): Promise<string | null>;
  /** Keeps nothing for a session whose end has been claimed. */
  saveJar(tokenHash: string, jar: string): Promise<void>;
  /**
   * Tells of every end, whoever claimed it, so that streams can be cut; the row is the claimer's to write. What a
   * listener throws is swallowed. Returns the unsubscriber.
   */
  onEnd(listener: (ended: EndedSession) => void): () => void;
  close(): Promise<void>;
}
