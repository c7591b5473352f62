/** Commits in groups: what arrives while one group is being written goes into the next, all in one transaction. */
import { AuditUnavailableError } from './audit-store.ts';
import type { PendingEntry, WriteResult } from './pending-entry.ts';

export type CommitQueue = {
  /**
   * Resolves once the entry is durable. Rejects with AuditUnavailableError when it could not be made so, and at once
   * while a database counts as gone that somebody would wait for.
   */
  add(entry: PendingEntry): Promise<WriteResult>;
  /** Resolves when nothing is queued or being written any more. */
  idle(): Promise<void>;
  /** Entries queued or being written. */
  length(): number;
};

export type CommitQueueOptions = {
  /** Writes one group; the answers come in the same order. */
  readonly write: (group: readonly PendingEntry[]) => Promise<readonly WriteResult[]>;
  /** Told after each group: null when it was committed, otherwise why it was not, and how long that took in milliseconds. */
  readonly onGroup: (trouble: string | null, entries: number, tookMs: number) => void;
  /** Told of each entry that was written after all, though its caller was told that it could not be. */
  readonly onLate: (entry: PendingEntry, seq: number) => void;
  /** Why the database counts as gone, or null: what somebody waits for is then refused at once. */
  readonly gone: () => string | null;
  /** Back-pressure: more than this is refused at once, so that waiting requests cannot pile up without end. */
  readonly maxQueued: number;
  /** A database that takes longer than this for one group counts as gone, in milliseconds. */
  readonly patienceMs: number;
};

/** Keeps one message to whoever writes small enough not to be felt by the event loop. */
const MAX_GROUP = 250;

type Waiting = {
  readonly entry: PendingEntry;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: AuditUnavailableError) => void;
};

export function commitQueue(options: CommitQueueOptions): CommitQueue {
  let queued: Waiting[] = [];
  let writing: readonly Waiting[] | null = null;
  /** Why nothing more is taken while a group hangs that nobody waits for any longer. */
  let stuck: string | null = null;
  let onIdle: (() => void)[] = [];

  async function write(group: readonly Waiting[]): Promise<void> {
    writing = group;
    const began = performance.now();
    const tookMs = () => performance.now() - began;
    const impatience = setTimeout(() => {
      const reason = `the record has not answered for ${options.patienceMs} ms`;
      stuck = reason;
      options.onGroup(reason, 0, tookMs());
      const error = new AuditUnavailableError(reason);
      for (const waiting of [...group, ...queued]) waiting.reject(error);
      queued = [];
    }, options.patienceMs);
    try {
      const results = await options.write(group.map(({ entry }) => entry));
      const late = stuck !== null;
      stuck = null;
      options.onGroup(null, group.length, tookMs());
      for (const [index, waiting] of group.entries()) {
        const result = results[index];
        if (late && result?.written === true) options.onLate(waiting.entry, result.seq);
        if (result) waiting.resolve(result);
        else waiting.reject(new AuditUnavailableError('there was no answer for this entry'));
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      options.onGroup(reason, 0, tookMs());
      for (const waiting of group) waiting.reject(new AuditUnavailableError(reason));
    } finally {
      clearTimeout(impatience);
      writing = null;
      stuck = null;
      next();
    }
  }

  function next(): void {
    if (writing !== null) return;
    if (queued.length === 0) {
      for (const resolve of onIdle) resolve();
      onIdle = [];
      return;
    }
    void write(queued.splice(0, MAX_GROUP));
  }

  return {
    add(entry) {
      const reason = stuck ?? (isWaitedFor(entry) ? options.gone() : null);
      if (reason !== null) return Promise.reject(new AuditUnavailableError(reason));
      if (queued.length >= options.maxQueued) {
        return Promise.reject(
          new AuditUnavailableError(`${queued.length} entries are waiting to be written already`),
        );
      }
      return new Promise((resolve, reject) => {
        queued.push({ entry, resolve, reject });
        // After the microtasks, so that what one turn of the event loop brings shares one transaction.
        if (writing === null && queued.length === 1) queueMicrotask(next);
      });
    },
    idle() {
      return writing === null && queued.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => onIdle.push(resolve));
    },
    length: () => queued.length + (writing?.length ?? 0),
  };
}

/** What a restart found, and which rules are in force: nobody's request waits for either. */
function isWaitedFor({ kind }: PendingEntry): boolean {
  return kind === 'intent' || kind === 'event';
}
