/** Sessions in this process's own memory, for one gateway on one machine; gone when it stops. */
import { changed, touched, whyEnded, type ActAsSession } from './session.ts';
import { createMemoryLinkStore } from '../links/memory-link-store.ts';
import { createEndListeners } from './end-listeners.ts';
import { createEndedSessions } from './ended-sessions.ts';
import type { EndedSession, KeptJar, SessionStore } from './session-store.ts';

type Held = {
  session: ActAsSession;
  jar: KeptJar;
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
  const listeners = createEndListeners();

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
    listeners.tell(end);
    return end;
  }

  return {
    async start(session, inPlaceOf = []) {
      const now = session.startedAt;
      if (byToken.has(session.tokenHash) || byId.has(session.id) || ended.knows(session)) {
        throw new Error('a session id or token was used twice');
      }
      const inTheWay = new Set<Held>();
      for (const by of ['actor', 'subject'] as const) {
        const held = (by === 'actor' ? byActor : bySubject).get(session[by].id);
        if (held === undefined) continue;
        // One's own session first: that one can be ended.
        if (liveAt(held, now) !== null && !inPlaceOf.includes(held.session.id))
          return { ok: false, taken: { by, session: held.session } };
        inTheWay.add(held);
      }
      const ends = [...inTheWay].map((held) => {
        const why = held.session.actor.id === session.actor.id ? 'stopped' : 'taken_over';
        return claim(held, expiryOf(held, now) ?? { session: held.session, why, endedAt: now });
      });
      const held: Held = { session, jar: { text: null, version: 0 }, expired: null };
      byToken.set(session.tokenHash, held);
      byId.set(session.id, held);
      byActor.set(session.actor.id, held);
      bySubject.set(session.subject.id, held);
      return { ok: true, session, ended: ends };
    },

    find(tokenHash, now) {
      const held = byToken.get(tokenHash);
      if (held === undefined) return { kind: 'dead', ended: ended.byToken(tokenHash) };
      const end = expiryOf(held, now);
      return end === null ? { kind: 'live', session: held.session } : { kind: 'dead', ended: end };
    },

    commit(tokenHash, now, touch) {
      const held = liveAt(byToken.get(tokenHash), now);
      if (held === null) return null;
      if (touch) held.session = touched(held.session, now);
      return { session: held.session, jar: held.jar };
    },

    async change(id, change, now) {
      const held = liveAt(byId.get(id), now);
      if (held === null) return null;
      held.session = changed(held.session, change);
      return held.session;
    },

    async end(id, why, now) {
      const held = byId.get(id);
      if (held === undefined) return null;
      return claim(held, expiryOf(held, now) ?? { session: held.session, why, endedAt: now });
    },

    links: createMemoryLinkStore(),
    turns: null,
    acknowledge: () => Promise.resolve(),

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
    liveById: (id, now) => liveAt(byId.get(id), now)?.session ?? null,
    liveFor: (subjectId, now) => liveAt(bySubject.get(subjectId), now)?.session ?? null,

    liveWithCart: (cartId, now) =>
      [...byId.values()].find((held) => held.session.cartIds.includes(cartId) && liveAt(held, now) !== null)
        ?.session ?? null,

    async loadJar(tokenHash) {
      return byToken.get(tokenHash)?.jar ?? null;
    },

    async saveJar(tokenHash, text, madeFrom) {
      const held = byToken.get(tokenHash);
      if (held === undefined) return 'ended';
      if (held.jar.version !== madeFrom) return 'changed';
      held.jar = { text, version: madeFrom + 1 };
      return held.jar;
    },

    onEnd: listeners.add,
    knows: (id) => byId.has(id),
    health: () => ({ ok: true, trouble: null }),

    async close() {
      listeners.clear();
    },
  };
}
