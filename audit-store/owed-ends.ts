/** Ends of intents that the record did not take: kept within a bound, and written as soon as it takes entries again. */
import { AuditUnavailableError } from './audit-store.ts';
import type { AuditLog } from './audit-log.ts';
import type { PendingEntry } from './pending-entry.ts';

export type OwedEnds = {
  add(entry: PendingEntry): void;
  /** Hands all of them to the record; what it does not take this time either stays. */
  pay(): void;
};

export type OwedEndsOptions = {
  readonly add: (entry: PendingEntry) => Promise<unknown>;
  /** Beyond these an end is left to the next start, which says that the outcome is unknown. */
  readonly most: number;
  readonly log: AuditLog | undefined;
};

const AT_ONCE = 200;

export function owedEnds({ add, most, log }: OwedEndsOptions): OwedEnds {
  const owed = new Set<PendingEntry>();
  let paying = false;

  async function payOne(entry: PendingEntry): Promise<void> {
    try {
      await add(entry);
      owed.delete(entry);
    } catch (error) {
      if (error instanceof AuditUnavailableError) return;
      owed.delete(entry);
      log?.error({ err: error }, 'the end of an intent cannot be written');
    }
  }

  /** Some at a time: new intents find room between them. */
  async function payAll(): Promise<void> {
    const all = [...owed];
    for (let from = 0; from < all.length; from += AT_ONCE)
      await Promise.all(all.slice(from, from + AT_ONCE).map(payOne));
  }

  return {
    add(entry) {
      if (owed.size < most) owed.add(entry);
    },
    pay() {
      if (paying || owed.size === 0) return;
      paying = true;
      void payAll().finally(() => {
        paying = false;
      });
    },
  };
}
