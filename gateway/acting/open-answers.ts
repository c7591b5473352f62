/** What is still on its way to an acting browser, event streams and WebSockets: cut when its session ends, whoever knows of that. */
import type { Parts } from '../parts.ts';
import type { ActAsSession, SessionStore } from '../sessions/index.ts';

export type OpenAnswers = {
  /**
   * @param look told every second of the session as it is now, where more than its end matters.
   * @returns what to call when the answer is over.
   */
  add(sessionId: string, cut: () => void, look?: (session: ActAsSession) => void): () => void;
  /** Cuts what belongs to no live session any more, also where nobody told of the end. To be called every second. */
  look(): void;
};

export type OpenAnswersDeps = Pick<Parts, 'clock' | 'log'> & {
  readonly sessions: Pick<SessionStore, 'onEnd' | 'liveById' | 'health'>;
};

/** While the store cannot be asked, an end elsewhere is not heard of: what has been open for longer is cut, milliseconds. */
const MOST_IN_DOUBT_MS = 5_000;

type Open = {
  readonly since: number;
  readonly cut: () => void;
  readonly look: ((session: ActAsSession) => void) | undefined;
};

export function createOpenAnswers({ sessions, clock, log }: OpenAnswersDeps): OpenAnswers {
  const all = new Map<string, Set<Open>>();

  function cutAll(sessionId: string): void {
    const open = all.get(sessionId) ?? new Set();
    all.delete(sessionId);
    for (const { cut } of open) cut();
  }

  /** One that fails is no reason to look at no other. */
  function tell(open: Open, session: ActAsSession): void {
    try {
      open.look?.(session);
    } catch (error) {
      log.error({ err: error, session_id: session.id }, 'what was open could not be looked at, and was cut');
      open.cut();
    }
  }

  sessions.onEnd(({ session }) => cutAll(session.id));

  return {
    add(sessionId, cut, look) {
      const open: Open = { since: clock.now(), cut, look };
      const together = all.get(sessionId) ?? new Set();
      all.set(sessionId, together.add(open));
      return () => {
        together.delete(open);
        if (together.size === 0 && all.get(sessionId) === together) all.delete(sessionId);
      };
    },
    look() {
      const now = clock.now();
      const certain = sessions.health().ok;
      for (const [sessionId, together] of all) {
        const session = sessions.liveById(sessionId, now);
        if (session === null) {
          cutAll(sessionId);
          continue;
        }
        for (const open of together) {
          if (!certain && now - open.since > MOST_IN_DOUBT_MS) {
            together.delete(open);
            open.cut();
          } else tell(open, session);
        }
      }
    },
  };
}
