/** Sessions in this process's own memory, for one gateway on one machine; gone when it stops. */
import { touched, whyEnded, type ActAsSession } from './session.ts';
import { createEndedSessions } from './ended-sessions.ts';
import type { EndedSession, SeatTaken, SessionStore } from './session-store.ts';

type Held = {
  session: ActAsSession;
  jar: string | null;
  /** Set once the session was seen past its time: a clock set back does not bring it to life again. */
  expired: EndedSession | null;
};

export type MemorySessionStoreOptions = {
  /** How many ended sessions are remembered, so that their cookies can be told what happened. */
  readonly remembered?: number;
};

// Every method changes the maps between two awaits at most, in one turn of the event loop: that is the atomicity.
export function createMemorySessionStore(options: MemorySessionStoreOptions = {}): SessionStore {
  const byToken = new Map<string, Held>();
  const byId = new Map<string, Held>();
  const byActor = new Map<string, Held>();
  const bySubject = new Map<string, Held>();
  const ended = createEndedSessions(options.remembered ?? 10_000);
  const listeners = new Set<(ended: EndedSession) => void>();

  function expiryOf(held: Held, now: number): EndedSession | null {
    const why = whyEnded(held.session, now);
    if (why !== null) {
      held.expired ??= { session: held.session, why, endedAt: held.session.idleExpiresAt };
    }
    return held.expired;
  }

  function liveAt(held: Held | undefined, now: number): Held | null {
    return held !== undefined && expiryOf(held, now) === null ? held : null;
  }

  function claim(held: Held, end: EndedSession): EndedSession {
    const { session } = held;
    byToken.delete(session.tokenHash);
    byId.delete(session.id);
    byActor.delete(session.actor.id);
    bySubject.delete(session.subject.id);
    ended.remember(end);
    for (const listener of listeners) {
      try {
        listener(end);
      } catch {
        // One listener's trouble must not keep the others, or the claimer, from hearing of the end.
      }
    }
    return end;
  }

  return {
    async start(session) {
      const now = session.startedAt;
      if (byToken.has(session.tokenHash) || byId.has(session.id) || ended.knows(session)) {
        throw new Error('a session id or token was used twice');
      }
      const taken = takenBy(
        liveAt(byActor.get(session.actor.id), now),
        liveAt(bySubject.get(session.subject.id), now),
      );
      if (taken !== null) return { ok: false, taken };

      const inTheWay = new Set<Held>();
      for (const held of [byActor.get(session.actor.id), bySubject.get(session.subject.id)]) {
        if (held !== undefined) inTheWay.add(held);
      }
      const expired: EndedSession[] = [];
      for (const held of inTheWay) {
        const end = expiryOf(held, now);
        if (end !== null) expired.push(claim(held, end));
      }
      const held: Held = { session, jar: null, expired: null };
      byToken.set(session.tokenHash, held);
      byId.set(session.id, held);
      byActor.set(session.actor.id, held);
      bySubject.set(session.subject.id, held);
      return { ok: true, session, expired };
    },

    async find(tokenHash, now) {
      const held = byToken.get(tokenHash);
      if (held === undefined) return { kind: 'dead', ended: ended.byToken(tokenHash) };
      const end = expiryOf(held, now);
      return end === null ? { kind: 'live', session: held.session } : { kind: 'dead', ended: end };
    },

    async touch(tokenHash, now) {
      const held = liveAt(byToken.get(tokenHash), now);
      if (held === null) return null;
      held.session = touched(held.session, now);
      return held.session;
    },

    async end(id, why, now) {
      const held = byId.get(id);
      if (held === undefined) return null;
      return claim(held, expiryOf(held, now) ?? { session: held.session, why, endedAt: now });
    },

    async sweep(now) {
      ended.forgetOld(now);
      const claimed: EndedSession[] = [];
      for (const held of byId.values()) {
        const end = expiryOf(held, now);
        if (end !== null) claimed.push(claim(held, end));
      }
      return claimed;
    },

    async list(now) {
      return [...byId.values()].filter((held) => liveAt(held, now) !== null).map((held) => held.session);
    },

    liveCount: () => byId.size,
    liveFor: (subjectId, now) => liveAt(bySubject.get(subjectId), now)?.session ?? null,

    async loadJar(tokenHash) {
      return byToken.get(tokenHash)?.jar ?? null;
    },

    async saveJar(tokenHash, jar) {
      const held = byToken.get(tokenHash);
      if (held !== undefined) held.jar = jar;
    },

    onEnd(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    async close() {
      listeners.clear();
    },
  };
}

function takenBy(actorSeat: Held | null, subjectSeat: Held | null): SeatTaken | null {
  // One's own session first: that one can be ended.
  if (actorSeat !== null) return { by: 'actor', session: actorSeat.session };
  if (subjectSeat !== null) return { by: 'subject', session: subjectSeat.session };
  return null;
}
