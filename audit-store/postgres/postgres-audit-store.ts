/** The record in PostgreSQL, one chain for all gateways: durable before acknowledged, and never waited for by the event loop. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditLog } from '../audit-log.ts';
import { type AuditStore, AuditUnavailableError } from '../audit-store.ts';
import { cleanNote } from '../clean-event.ts';
import { checkPage } from '../event-page.ts';
import { healthWatch } from '../health-watch.ts';
import { lostNote, noteBuffer } from '../note-buffer.ts';
import { type AuditStats, recordWrites } from '../record-writes.ts';
import { keepCheckpoint, readHead } from './checkpoints.ts';
import { csvThread } from './csv-thread.ts';
import { openPool } from './database.ts';
import { describeFailure } from './failure.ts';
import { followEntries } from './follow-entries.ts';
import { meetingFill } from './meeting-fill.ts';
import { writeNotes } from './note-writer.ts';
import { pageIndexes } from './page-indexes.ts';
import { placeOf } from './place.ts';
import { readEvents, readSession } from './read-events.ts';
import { recoverLeftOpen } from './recover-left-open.ts';
import { statistics } from './statistics.ts';
import { postgresTurns } from './turns.ts';
import { keepUp } from './upkeep.ts';
import { openWriter } from './writer.ts';

export type PostgresAuditStoreOptions = {
  /** `postgres://role:password@host/database`. The role owns what it creates and needs no other right. */
  readonly url: string;
  readonly clock: { now(): number };
  /** Which gateway writes; stands in each entry. The host's name when absent. */
  readonly instanceId?: string;
  readonly log?: AuditLog;
  /** Entries that may wait for the database before more are refused; 10,000 when absent. */
  readonly maxQueued?: number;
  /** Decisions that may wait to be written before more are dropped; 10,000 when absent. */
  readonly maxNotes?: number;
  /** How often the database is looked at when nothing is written, in milliseconds; 5,000 when absent. */
  readonly checkEveryMs?: number;
  /** A database that takes longer than this for one group counts as gone, in milliseconds; 5,000 when absent. */
  readonly patienceMs?: number;
};

export type PostgresAuditStore = AuditStore & { stats(): AuditStats };

const PATIENCE_MS = 5000;
/** Longer than a server that is not there takes to say so. */
const IN_VAIN_MS = 250;

/** Rejects with AuditUnavailableError, one line that names host and database, when the record cannot be written safely. */
export async function openPostgresAuditStore(
  options: PostgresAuditStoreOptions,
): Promise<PostgresAuditStore> {
  const { url, log } = options;
  const now = () => Math.trunc(options.clock.now());
  const run = randomUUID();
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const instance = options.instanceId ?? hostname();
  // No attempt has failed yet: the next one opens another connection, and may well come to something.
  const onCut = (reason: string) => {
    if (watch.health().ok) watch.seen(reason, 0);
  };
  const writer = openWriter({ url, patienceMs, instance, run, onCut });
  const watch = healthWatch({
    probe: (write) => writer.probe(write),
    inVainMs: IN_VAIN_MS,
    onHealed: () => writes.resume(),
    checkEveryMs: options.checkEveryMs ?? 5000,
    log,
  });
  let closed = false;
  const writes = recordWrites({
    write: (group) => writer.write(group),
    onGroup: (trouble, _entries, tookMs) => watch.seen(trouble, tookMs),
    gone: () => watch.gone(),
    maxQueued: options.maxQueued ?? 10_000,
    patienceMs,
    now,
    refuseWhenClosed,
    log,
  });
  const pool = openPool({ url, patienceMs });
  const csv = csvThread({ url, patienceMs });
  const followers = followEntries({ url, patienceMs });
  let lastAtOpen: number;
  try {
    lastAtOpen = await writer.start();
  } catch (error) {
    watch.close();
    await Promise.all([writer.close(), pool.close()]);
    const why = `the audit record ${placeOf(url)} cannot be opened: ${describeFailure(error)}`;
    throw new AuditUnavailableError(why, { cause: error });
  }

  const closing = new AbortController();
  keepUp(url, [pageIndexes, meetingFill, statistics], closing.signal).catch((error: unknown) => {
    if (closing.signal.aborted) return;
    log?.error({ err: error }, 'what makes searches quick could not be made; the next start tries again');
  });
  const turns = postgresTurns(pool);
  const notes = noteBuffer({
    write: (group) => writeNotes(pool, group),
    onDropped(count) {
      log?.warn({ count }, 'decisions were dropped from the trace');
    },
    maxNotes: options.maxNotes ?? 10_000,
  });

  function refuseWhenClosed(): void {
    if (closed) throw new AuditUnavailableError('the record is closed');
  }

  async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
    refuseWhenClosed();
    try {
      return await read();
    } catch (error) {
      if (error instanceof AuditUnavailableError || error instanceof RangeError) throw error;
      throw new AuditUnavailableError(describeFailure(error), { cause: error });
    }
  }

  const { append, intend, policyChanged, conclude, stats } = writes;

  return {
    append,
    intend,
    policyChanged,
    note(note) {
      if (!closed) notes.add(cleanNote(note));
    },
    events: (filter, page) =>
      reading(async () => {
        checkPage(page);
        return readEvents(pool, filter, page);
      }),
    csvLines: (filter, page) =>
      reading(async () => {
        checkPage(page);
        return csv.lines(filter, page);
      }),
    session: (sessionId) => reading(() => readSession(pool, sessionId)),
    head: () => reading(() => readHead(pool)),
    keepCheckpoint: (checkpoint) => reading(() => keepCheckpoint(pool, checkpoint)),
    recover: (isLive) =>
      reading(() =>
        recoverLeftOpen(pool, lastAtOpen, {
          append,
          conclude,
          run,
          isLive,
          onLost: (sessionId, why) => notes.add(lostNote(sessionId, now(), why)),
        }),
      ),
    turns: () => turns,
    health: () => (closed ? { ok: false, reason: 'the record is closed' } : watch.health()),
    droppedNotes: () => notes.dropped(),
    stats,
    follow: (listener) => followers.add(listener),
    async close() {
      if (closed) return;
      closed = true;
      closing.abort();
      watch.close();
      await followers.close();
      await writes.idle();
      await notes.close();
      await writer.close();
      await csv.close();
      await pool.close();
    },
  };
}
