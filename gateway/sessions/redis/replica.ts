/** What this instance knows by heart: the sessions whose end nobody has claimed, and those whose end it has heard of. */
import { createEndListeners } from '../end-listeners.ts';
import { createEndedSessions } from '../ended-sessions.ts';
import { isLive, whyEnded, type ActAsSession } from '../session.ts';
import type { EndedSession } from '../session-store.ts';

export type Replica = {
  /** Nothing that has ended comes back, whatever a server that lost its memory says. */
  readonly learn: (session: ActAsSession) => void;
  /** Its facts are others now; what it had of its time it keeps. */
  readonly relearn: (session: ActAsSession) => void;
  /** Another instance, or this one, touched it. */
  readonly slide: (id: string, idleExpiresAt: number) => void;
  /** Redis saw it past its time; its end is still to be claimed. */
  readonly expire: (id: string) => void;
  /** While nobody can be asked: what is over by this clock is told of as its end, and its end is still to be claimed. */
  readonly lapse: (now: number) => void;
  /** Tells of the end, once. */
  readonly end: (ended: EndedSession) => void;
  readonly byId: (id: string) => ActAsSession | null;
  readonly byToken: (tokenHash: string) => ActAsSession | null;
  readonly liveById: (id: string, now: number) => ActAsSession | null;
  readonly liveByToken: (tokenHash: string, now: number) => ActAsSession | null;
  readonly liveBySubject: (subjectId: string, now: number) => ActAsSession | null;
  readonly endedByToken: (tokenHash: string) => EndedSession | null;
  readonly endedById: (id: string) => EndedSession | null;
  readonly all: () => readonly ActAsSession[];
  readonly live: (now: number) => readonly ActAsSession[];
  readonly count: () => number;
  readonly forgetOld: (now: number) => void;
  readonly onEnd: (listener: (ended: EndedSession) => void) => () => void;
  readonly close: () => void;
};

/** An end must be remembered until the session could not live any more anyhow; so many do not end in a day. */
const REMEMBERED = 100_000;

type Known = { session: ActAsSession; expired: boolean; told: boolean };

export function createReplica(): Replica {
  const byId = new Map<string, Known>();
  const byToken = new Map<string, Known>();
  const bySubject = new Map<string, Known>();
  const ended = createEndedSessions(REMEMBERED);
  const listeners = createEndListeners();

  function isLiveAt(known: Known | undefined, now: number): known is Known {
    return known !== undefined && !known.expired && isLive(known.session, now);
  }

  function forget({ session }: Known): void {
    byId.delete(session.id);
    byToken.delete(session.tokenHash);
    // The next session for the same subject may be known already.
    if (bySubject.get(session.subject.id)?.session.id === session.id) bySubject.delete(session.subject.id);
  }

  function learn(session: ActAsSession): void {
    if (byId.has(session.id) || ended.knows(session)) return;
    const known: Known = { session, expired: false, told: false };
    byId.set(session.id, known);
    byToken.set(session.tokenHash, known);
    bySubject.set(session.subject.id, known);
  }

  return {
    learn,
    relearn(session) {
      const known = byId.get(session.id);
      if (known === undefined) return learn(session);
      const idleExpiresAt = Math.max(known.session.idleExpiresAt, session.idleExpiresAt);
      known.session = { ...session, idleExpiresAt };
    },
    slide(id, idleExpiresAt) {
      const known = byId.get(id);
      if (known === undefined || idleExpiresAt <= known.session.idleExpiresAt) return;
      const { absoluteExpiresAt } = known.session;
      known.session = { ...known.session, idleExpiresAt: Math.min(idleExpiresAt, absoluteExpiresAt) };
    },
    expire(id) {
      const known = byId.get(id);
      if (known !== undefined) known.expired = true;
    },
    lapse(now) {
      for (const known of byId.values()) {
        const { session } = known;
        const why = known.told ? null : whyEnded(session, now);
        if (why === null) continue;
        known.told = true;
        listeners.tell({ session, why, endedAt: session.idleExpiresAt });
      }
    },
    end(end) {
      if (ended.knows(end.session)) return;
      const known = byId.get(end.session.id);
      if (known !== undefined) forget(known);
      ended.remember(end);
      if (known?.told !== true) listeners.tell(end);
    },
    byId: (id) => byId.get(id)?.session ?? null,
    byToken: (tokenHash) => byToken.get(tokenHash)?.session ?? null,
    liveById(id, now) {
      const known = byId.get(id);
      return isLiveAt(known, now) ? known.session : null;
    },
    liveByToken(tokenHash, now) {
      const known = byToken.get(tokenHash);
      return isLiveAt(known, now) ? known.session : null;
    },
    liveBySubject(subjectId, now) {
      const known = bySubject.get(subjectId);
      return isLiveAt(known, now) ? known.session : null;
    },
    endedByToken: ended.byToken,
    endedById: ended.byId,
    all: () => Array.from(byId.values(), ({ session }) => session),
    live: (now) =>
      [...byId.values()]
        .filter((known) => isLiveAt(known, now))
        .map(({ session }) => session)
        .toSorted((a, b) => a.startedAt - b.startedAt),
    count: () => byId.size,
    forgetOld: ended.forgetOld,
    onEnd: listeners.add,
    close: listeners.clear,
  };
}
