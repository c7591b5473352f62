/** The writing half of a record, whatever database keeps it: facts are cleaned, queued, committed in groups, and counted. */
import type { AuditLog } from './audit-log.ts';
import { type AuditStore, AuditUnavailableError, type NewAuditEvent } from './audit-store.ts';
import { cleanEvent } from './clean-event.ts';
import { commitQueue, type CommitQueueOptions } from './commit-queue.ts';
import { endOfLate } from './late-end.ts';
import { owedEnds } from './owed-ends.ts';
import type { PendingEntry, WriteResult } from './pending-entry.ts';

export type AuditStats = {
  /** Transactions with entries since the store was opened, and how many entries they held. */
  readonly commits: number;
  readonly entries: number;
  /** Entries waiting for the database right now. */
  readonly queued: number;
};

export type RecordWrites = {
  readonly append: AuditStore['append'];
  readonly intend: AuditStore['intend'];
  readonly policyChanged: AuditStore['policyChanged'];
  /** Says on the chain what a restart found and completed. */
  readonly conclude: (facts: Extract<PendingEntry, { kind: 'recovery' }>['facts']) => Promise<WriteResult>;
  /** Told that the record takes entries again: the ends of intents that it did not take are written. */
  readonly resume: () => void;
  readonly stats: () => AuditStats;
  /** Resolves when nothing is queued or being written any more. */
  readonly idle: () => Promise<void>;
};

export type RecordWritesOptions = Omit<CommitQueueOptions, 'onLate'> & {
  readonly now: () => number;
  /** @throws AuditUnavailableError once the record is closed */
  readonly refuseWhenClosed: () => void;
  readonly log: AuditLog | undefined;
};

export function recordWrites(options: RecordWritesOptions): RecordWrites {
  const { now, refuseWhenClosed, log } = options;
  let commits = 0;
  let entries = 0;
  const queue = commitQueue({
    ...options,
    onGroup(trouble, count, tookMs) {
      if (trouble === null) {
        commits += 1;
        entries += count;
      }
      options.onGroup(trouble, count, tookMs);
      if (trouble === null) owed.pay();
    },
    onLate(entry, seq) {
      const late = endOfLate(entry, seq);
      if (late === null) return;
      append(late.event, late.completes).catch((error: unknown) => {
        // Whatever has no end is given one at the next start.
        log?.error({ err: error, seq }, 'what was written too late has no end on the record yet');
      });
    },
  });

  const owed = owedEnds({ add: (entry) => queue.add(entry), most: options.maxQueued, log });

  async function append(event: NewAuditEvent, completes: number | null = null) {
    refuseWhenClosed();
    const clean = cleanEvent(event);
    const createdAt = now();
    const entry: PendingEntry = { kind: 'event', at: createdAt, event: clean, completes };
    const result = await queue.add(entry).catch((error: unknown) => {
      if (completes !== null && error instanceof AuditUnavailableError) owed.add(entry);
      throw error;
    });
    if (result.written) return { ...clean, seq: result.seq, createdAt, hash: result.hash };
    if (result.why === 'repeated') return null;
    throw new RangeError(`entry ${completes} is not an intent`);
  }

  return {
    append: (event, completes) => append(event, completes),
    async intend(event) {
      refuseWhenClosed();
      const result = await queue.add({ kind: 'intent', at: now(), event: cleanEvent(event) });
      if (!result.written) throw new AuditUnavailableError('the intent was not written');
      return result.seq;
    },
    async policyChanged(facts) {
      refuseWhenClosed();
      await queue.add({ kind: 'policy', at: now(), facts });
    },
    conclude: (facts) => queue.add({ kind: 'recovery', at: now(), facts }),
    resume: () => owed.pay(),
    stats: () => ({ commits, entries, queued: queue.length() }),
    idle: () => queue.idle(),
  };
}
