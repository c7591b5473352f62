/** Answers that are still on their way to an acting browser, such as event streams: cut the moment their session ends. */
import type { SessionStore } from '../sessions/index.ts';

export type OpenAnswers = {
  /** @returns what to call when the answer is over. */
  add(sessionId: string, cut: () => void): () => void;
};

export function createOpenAnswers(sessions: Pick<SessionStore, 'onEnd'>): OpenAnswers {
  const open = new Map<string, Set<() => void>>();
  sessions.onEnd(({ session }) => {
    const cuts = open.get(session.id) ?? new Set();
    open.delete(session.id);
    for (const cut of cuts) cut();
  });
  return {
    add(sessionId, cut) {
      const cuts = open.get(sessionId) ?? new Set();
      open.set(sessionId, cuts.add(cut));
      return () => {
        cuts.delete(cut);
        if (cuts.size === 0 && open.get(sessionId) === cuts) open.delete(sessionId);
      };
    },
  };
}
