/** How far an endpoint has been told, as several gateways know it: one of them tells it, and another goes on from there. */
import type { Turns } from '../../audit-store/index.ts';
import type { Progress } from './progress.ts';

export type SharedProgressOptions = {
  /** Asked each time, because the record may not be open yet; null where there is no other gateway. */
  readonly turns: () => Turns | null;
  readonly id: string;
  readonly holder: string;
  /** Longer than one delivery may take. */
  readonly forMs: number;
};

/**
 * @param own what this gateway knows by itself; where the shared place has lost it, that is gone by, and the endpoint is
 *   rather told twice than not at all
 */
export function sharedProgress({ turns, id, holder, forMs }: SharedProgressOptions, own: Progress): Progress {
  const name = `webhook:${id}`;
  return {
    hold: async () => (await turns()?.take(name, holder, forMs)) ?? true,
    load: async () => (await turns()?.noted(name)) ?? (await own.load()),
    async save(seq) {
      await turns()?.note(name, holder, seq);
      await own.save(seq);
    },
    bury: (letter) => own.bury(letter),
    async release() {
      try {
        await turns()?.leave(name, holder);
      } catch {
        // Where nobody can be told, the turn runs out by itself.
      }
    },
  };
}
