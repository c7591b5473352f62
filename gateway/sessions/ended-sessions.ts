/** A bounded memory of ended sessions, so that a late cookie can still be told what ended it. */
import type { ActAsSession } from './session.ts';
import type { EndedSession } from './session-store.ts';

/** Past its absolute expiry a session's cookie may linger in a tab left open; a day of it is worth an explanation. */
const explainedForMs = 24 * 60 * 60 * 1000;

export type EndedSessions = {
  readonly remember: (ended: EndedSession) => void;
  readonly byToken: (tokenHash: string) => EndedSession | null;
  readonly byId: (id: string) => EndedSession | null;
  /** Whether this session's id or token has ended before. */
  readonly knows: (session: ActAsSession) => boolean;
  readonly forgetOld: (now: number) => void;
};

/** @param most how many are remembered; the one that ended first is forgotten first. */
export function createEndedSessions(most: number): EndedSessions {
  const byToken = new Map<string, EndedSession>();
  const byId = new Map<string, EndedSession>();

  function forget(ended: EndedSession): void {
    byToken.delete(ended.session.tokenHash);
    byId.delete(ended.session.id);
  }

  function forgetOld(now: number): void {
    for (const ended of byToken.values()) {
      if (ended.session.absoluteExpiresAt + explainedForMs <= now) forget(ended);
    }
  }

  return {
    remember(ended) {
      byToken.set(ended.session.tokenHash, ended);
      byId.set(ended.session.id, ended);
      for (const oldest of byToken.values()) {
        if (byToken.size <= most) break;
        forget(oldest);
      }
    },
    byToken: (tokenHash) => byToken.get(tokenHash) ?? null,
    byId: (id) => byId.get(id) ?? null,
    knows: (session) => byToken.has(session.tokenHash) || byId.has(session.id),
    forgetOld,
  };
}
