/** Whoever wants to hear of ends: each hears of every one, whatever goes wrong with another listener. */
import type { EndedSession } from './session-store.ts';

export type EndListeners = {
  /** @returns the unsubscriber. */
  readonly add: (listener: (ended: EndedSession) => void) => () => void;
  readonly tell: (ended: EndedSession) => void;
  readonly clear: () => void;
};

export function createEndListeners(): EndListeners {
  const listeners = new Set<(ended: EndedSession) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(ended) {
      for (const listener of listeners) {
        try {
          listener(ended);
        } catch {
          // One listener's trouble must not keep the others, or the claimer, from hearing of the end.
        }
      }
    },
    clear: () => listeners.clear(),
  };
}
