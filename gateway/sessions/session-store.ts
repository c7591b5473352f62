/** Where live act-as sessions are kept. Every change is atomic; one contract suite runs against each implementation. */
import type { Turns } from '../../audit-store/index.ts';
import type { LinkStore } from '../links/link-store.ts';
import type { ActAsSession, SessionChange, SessionEnd } from './session.ts';

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
       * Sessions that held one of the two seats and were past their time, or in whose place this one was to begin:
       * claimed by this start as {@link SessionStore.end} would have claimed them. The caller records them, before the
       * new start.
       */
      readonly ended: readonly EndedSession[];
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

/** A jar as the store keeps it; the version changes with every save. */
export type KeptJar = { readonly text: string | null; readonly version: number };

/** A session that was live at the commit point, and the jar it had then. */
export type Committed = { readonly session: ActAsSession; readonly jar: KeptJar };

export type SessionsHealth = {
  /** Whether acting works. */
  readonly ok: boolean;
  /** What is wrong, or soon may be; null when nothing is. */
  readonly trouble: 'unreachable' | 'clock_skew' | 'eviction_possible' | 'full' | null;
};

/** Thrown by any method when the store cannot answer. */
export class SessionsUnavailableError extends Error {
  override readonly name = 'SessionsUnavailableError';
}

/**
 * Whoever receives an {@link EndedSession} from `start`, `end` or `sweep` has claimed that end and owes the record its
 * row: each end is handed out exactly once, over all instances and for all time. Only one that nobody acknowledged for
 * long, because its claimer is gone, is handed to another sweeper; and while the store cannot be reached, a known
 * session can be ended on several instances. The record takes one end a session and no second. A session seen past its
 * time stays dead even if the clock is set back.
 */
export interface SessionStore {
  /**
   * Takes the seat at `session.startedAt` unless a live session holds the actor or the subject; settled atomically.
   * Refused, it changes nothing. The id and the token must be new.
   * @param inPlaceOf ids of live sessions that end at that moment if they are in the way: the actor's own as `stopped`,
   *   another's as `taken_over`
   */
  start(session: ActAsSession, inPlaceOf?: readonly string[]): Promise<StartResult>;
  /**
   * Looks a cookie's hash up; a session past its time is dead even before anyone swept it. Never touches. `live` may be
   * what this instance knew a moment ago, and is answered at once then: what is forwarded passes {@link commit} as well.
   */
  find(tokenHash: string, now: number): Lookup | Promise<Lookup>;
  /**
   * The commit point of an acting request, the store's own word: the session and its jar, or null if it is no longer
   * live. With `touch` it moves the idle expiry to `min(now + idle, absolute)`.
   */
  commit(tokenHash: string, now: number, touch: boolean): Committed | null | Promise<Committed | null>;
  /**
   * Changes a live session, as `changed` says, for every instance; the session as it is then, or null if it is no longer
   * live. Two changes at once are both made. Never touches.
   */
  change(id: string, change: SessionChange, now: number): Promise<ActAsSession | null>;
  /**
   * Claims the end of a session, or answers null if somebody has. One already past its time ends as that timeout, not as
   * `why`. Works for a session this instance knows even while the store cannot be reached.
   */
  end(id: string, why: SessionEnd, now: number): Promise<EndedSession | null>;
  /** Says that the row of an end is on the record, so that nobody else need write it. Never rejects. */
  acknowledge(id: string): Promise<void>;
  /** Claims, as {@link end} does, every session whose time has passed, and what a claimer who is gone left unwritten. */
  sweep(now: number): Promise<readonly EndedSession[]>;
  /** The live sessions, oldest first; for recovery and for reviewers. */
  list(now: number): Promise<readonly ActAsSession[]>;
  /**
   * Local and synchronous: sessions this instance knows by heart whose end nobody has claimed. Zero keeps ordinary
   * traffic on the short way.
   */
  liveCount(): number;
  liveFor(subjectId: string, now: number): ActAsSession | null;
  /** Local and synchronous: as this instance knows it, also while the store cannot be reached. */
  liveById(id: string, now: number): ActAsSession | null;
  /** Local and synchronous: a live session in which this cart was seen. */
  liveWithCart(cartId: string, now: number): ActAsSession | null;
  /** The jar of upstream cookies, serialised; null when the session has ended. */
  loadJar(tokenHash: string): Promise<KeptJar | null>;
  /**
   * Keeps a jar, which it answers with, in place of the version it was made from; not of one that somebody has saved
   * since (`changed`). Keeps nothing for a session whose end has been claimed (`ended`).
   */
  saveJar(tokenHash: string, text: string, madeFrom: number): Promise<KeptJar | 'changed' | 'ended'>;
  /**
   * Tells of every end, whoever claimed it, so that streams can be cut; the row is the claimer's to write. What a
   * listener throws is swallowed. Returns the unsubscriber.
   */
  onEnd(listener: (ended: EndedSession) => void): () => void;
  /** Local and synchronous: whether the end of this session, known to this instance, is still to be claimed. */
  knows(id: string): boolean;
  /** Act-as links are kept where sessions are. */
  readonly links: LinkStore;
  /** What gateways that share this store take turns at; null where there is only one. */
  readonly turns: Turns | null;
  /** Local and synchronous. */
  health(): SessionsHealth;
  close(): Promise<void>;
}
