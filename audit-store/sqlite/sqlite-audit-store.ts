/** The record in one SQLite file: durable before acknowledged, chained, and never waited for by the event loop. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { AuditLog } from '../audit-log.ts';
import { type AuditStore, AuditUnavailableError, NoPlaceError } from '../audit-store.ts';
import { cleanNote } from '../clean-event.ts';
import { checkPage } from '../event-page.ts';
import { type AuditStats, recordWrites } from '../record-writes.ts';
import { healthWatch } from '../health-watch.ts';
import { lostNote, noteBuffer } from '../note-buffer.ts';
import { packNotes } from './packed-notes.ts';
import { openReader } from './reader.ts';
import { prepareFolder, wasLeftOpen } from './record-file.ts';
import { recover } from '../recover.ts';
import { workerLink } from '../worker-link.ts';
import { packEntries, type WriterAnswer, type WriterRequest, type WriterSetup } from './writer-messages.ts';

export type SqliteAuditStoreOptions = {
  /** Path of the record. Its folder is created (0700) if need be; `-wal`, `-shm` and `-lock` stand beside it. */
  readonly file: string;
  readonly clock: { now(): number };
  /** Which gateway writes; stands in each entry. The host's name when absent. */
  readonly instanceId?: string;
  readonly log?: AuditLog;
  /** The record does not grow beyond this; writing then fails as on a full disk. No limit when absent. */
  readonly maxBytes?: number;
  /** Entries that may wait for the disk before more are refused; 10,000 when absent. */
  readonly maxQueued?: number;
  /** Decisions that may wait to be written before more are dropped; 10,000 when absent. */
  readonly maxNotes?: number;
  /** How often the file is looked at when nothing is written, in milliseconds; 5,000 when absent. */
  readonly checkEveryMs?: number;
  /** A disk that takes longer than this for one group counts as gone, in milliseconds; 5,000 when absent. */
  readonly patienceMs?: number;
};

export type SqliteAuditStore = AuditStore & { stats(): AuditStats };

/** How long a write waits for another process's lock; two such waits still leave a refusal within 300 ms. */
const BUSY_TIMEOUT_MS = 75;
/** Less than one such wait: a lock that is held keeps only the first waiting. */
const IN_VAIN_MS = 60;
const PATIENCE_MS = 5000;
const LAST_MOMENTS = 'what was decided just before the gateway was cut off may be missing';

/**
 * Rejects with AuditUnavailableError, one line that names the file, when the record cannot be written safely; that is a
 * NoPlaceError where only the operator can change it.
 */
export async function openSqliteAuditStore(options: SqliteAuditStoreOptions): Promise<SqliteAuditStore> {
  const file = resolve(options.file);
  const { log } = options;
  const now = () => Math.trunc(options.clock.now());
  const run = randomUUID();
  const instance = options.instanceId ?? hostname();
  const maxBytes = options.maxBytes ?? null;
  const setup: WriterSetup = { file, busyTimeoutMs: BUSY_TIMEOUT_MS, maxBytes, instance, run };
  const writer = workerLink<WriterRequest, WriterAnswer>(
    new URL('./writer-worker.ts', import.meta.url),
    setup,
  );
  const reader = openReader({ file });
  let leftOpen: boolean;
  try {
    prepareFolder(file);
    leftOpen = wasLeftOpen(file);
    await Promise.all([writer.start(), reader.start()]);
  } catch (error) {
    await Promise.all([writer.close(), reader.close()]);
    const why = error instanceof Error ? error.message : String(error);
    const Trouble = error instanceof NoPlaceError ? NoPlaceError : AuditUnavailableError;
    throw new Trouble(`the audit record ${file} cannot be opened: ${why}`, { cause: error });
  }

  const followers = new Set<() => void>();
  let closed = false;
  const watch = healthWatch({
    probe: (write) => writer.ask({ kind: 'probe', write }),
    inVainMs: IN_VAIN_MS,
    onHealed: () => writes.resume(),
    checkEveryMs: options.checkEveryMs ?? 5000,
    log,
  });
  const writes = recordWrites({
    write: (group) => writer.ask({ kind: 'write', entries: packEntries(group) }),
    onGroup(trouble, _entries, tookMs) {
      watch.seen(trouble, tookMs);
      if (trouble === null) for (const tell of followers) tell();
    },
    gone: () => watch.gone(),
    maxQueued: options.maxQueued ?? 10_000,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    now,
    refuseWhenClosed,
    log,
  });
  const notes = noteBuffer({
    write: (group) => writer.ask({ kind: 'notes', blocks: packNotes(group) }),
    onDropped(count) {
      log?.warn({ file, count }, 'decisions were dropped from the trace');
    },
    maxNotes: options.maxNotes ?? 10_000,
  });

  function refuseWhenClosed(): void {
    if (closed) throw new AuditUnavailableError('the record is closed');
  }

  const { append, intend, policyChanged, conclude, stats } = writes;

  return {
    append,
    intend,
    policyChanged,
    note(note) {
      if (!closed) notes.add(cleanNote(note));
    },
    async events(filter, page) {
      refuseWhenClosed();
      checkPage(page);
      return reader.events(filter, page);
    },
    async csvLines(filter, page) {
      refuseWhenClosed();
      checkPage(page);
      return reader.csvLines(filter, page);
    },
    async session(sessionId) {
      refuseWhenClosed();
      return reader.session(sessionId);
    },
    recover(isLive) {
      refuseWhenClosed();
      return recover({
        reader,
        append,
        conclude,
        run,
        isLive,
        onOpenSession(sessionId) {
          if (leftOpen) notes.add(lostNote(sessionId, now(), LAST_MOMENTS));
        },
      });
    },
    async head() {
      refuseWhenClosed();
      return reader.head();
    },
    async keepCheckpoint(checkpoint) {
      refuseWhenClosed();
      await writer.ask({ kind: 'checkpoint', checkpoint });
    },
    follow(listener) {
      followers.add(listener);
      return () => void followers.delete(listener);
    },
    turns: () => null,
    health: () => (closed ? { ok: false, reason: 'the record is closed' } : watch.health()),
    droppedNotes: () => notes.dropped(),
    stats,
    async close() {
      if (closed) return;
      closed = true;
      watch.close();
      await writes.idle();
      await notes.close();
      await reader.close();
      await writer.close();
    },
  };
}
