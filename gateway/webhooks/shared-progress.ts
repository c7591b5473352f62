/** How far an endpoint has been told, as several gateways know it: one of them tells it, and another goes on from there. */
import type { Turns } from '../sessions/index.ts';
import type { Progress } from './progress.ts';

/**
 * @param own what this gateway knows by itself; where the shared place has lost it, that is gone by, and the endpoint is
 *   rather told twice than not at all
 * @param forMs longer than one delivery may take
 */
export function sharedProgress(
  turns: Turns,
  { id, holder, forMs }: { readonly id: string; readonly holder: string; readonly forMs: number },
  own: Progress,
): Progress {
  const name = `webhook:${id}`;
  return {
    hold: () => turns.take(name, holder, forMs),
    load: async () => (await turns.noted(name)) ?? (await own.load()),
    async save(seq) {
      await turns.note(name, holder, seq);
      await own.save(seq);
    },
    bury: (letter) => own.bury(letter),
    // Where nobody can be told, the turn runs out by itself.
    release: () => turns.leave(name, holder).catch(() => undefined),
  };
}
