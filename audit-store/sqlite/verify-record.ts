/** Walks the whole record on a connection of its own and names the first thing that is not as it was written. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BEGINNING } from '../chain-head.ts';
import { type CheckpointRow, checkKept, cutChecker } from '../check-checkpoints.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { factChecker, type KeptFacts, type OriginRow, type PersonRow } from '../check-facts.ts';
import { compareCheckpoints, contradiction } from '../checkpoint-comparison.ts';
import { untoldMeeting } from '../meetings.ts';
import type { VerifyOptions, VerifyResult } from '../verification.ts';
import { beginning } from './chain-end.ts';
import { checkSchema } from './check-schema.ts';
import { lastEverSeq } from './check-tail.ts';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';
import { meetingChecker } from './meeting-check.ts';

const PAGE = 500;

/**
 * Reads only, in short transactions, and lets the event loop run between pages; a gateway may go on writing meanwhile.
 *
 * What it cannot see by itself: someone who cuts the newest entries off and also sets back SQLite's count of them, or
 * who rewrites everything from some entry on, hashes and kept checkpoints included. Checkpoints that left this machine
 * show both. Those over entries that were pruned meanwhile are compared with the ones that are kept in their place.
 *
 * A problem that no single entry has (a missing trigger) is reported with seq 0. Rejects, with one line that names it, when the
 * file cannot be opened.
 */
export async function verifyRecord(file: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const connection = open(file);
  try {
    return await walk(connection, options);
  } finally {
    connection.close();
  }
}

function open(file: string): Connection {
  try {
    return openConnection(file, { readOnly: true, busyTimeoutMs: 5000 });
  } catch (error) {
    throw new Error(`the record ${file} cannot be opened: ${describeFailure(error)}`, { cause: error });
  }
}

async function walk(connection: Connection, options: VerifyOptions): Promise<VerifyResult> {
  let place: Place = { seq: 0, hash: BEGINNING.hash, highAt: 0 };
  try {
    const checkpointRows = connection.prepare<[], CheckpointRow>(
      'SELECT seq, hash, note FROM checkpoints ORDER BY seq',
    );
    const kept = checkKept(checkpointRows.iterate(), options.verifiersOf ?? null);
    if (kept.finding) return { ok: false, ...kept.finding };
    const from = beginning(connection);
    place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
    const given = options.checkpoints ?? [];
    const checkpoints = compareCheckpoints([...kept.heads, ...given]);
    const otherPast = contradiction(kept.heads, given, from.seq);
    if (otherPast) return { ok: false, ...otherPast };
    const cuts = cutChecker();
    const readPage = pageReader(connection);
    const checkFacts = factChecker(keptFacts(connection));
    for (;;) {
      const { rows, counted, untold } = readPage(place.seq);
      for (const row of rows) {
        const checked = checkEntry(row, place);
        if (!checked.ok) return { ok: false, ...checked.finding };
        const wrongFact = checkFacts(row, checked.body);
        const wrong = wrongFact ?? checkpoints.entry(row.seq, row.hash);
        if (wrong) return { ok: false, ...wrong };
        if (row.seq === untold) return { ok: false, ...untoldMeeting(row.seq) };
        cuts.entry(row.seq, checked.body);
        place = checked.place;
      }
      options.onProgress?.(place.seq, counted);
      if (rows.length === PAGE) {
        await nextTurn();
        continue;
      }
      if (place.seq < counted) {
        const detail = `entries up to ${counted} were written`;
        return { ok: false, seq: place.seq + 1, problem: 'truncated', detail };
      }
      if (place.seq > counted) {
        return {
          ok: false,
          seq: 0,
          problem: 'schema_altered',
          detail: "SQLite's count of entries was set back",
        };
      }
      const wrong = checkpoints.end(place.seq) ?? cuts.end(from) ?? checkSchema(connection);
      if (wrong) return { ok: false, ...wrong };
      return {
        ok: true,
        entries: place.seq,
        absent: from.seq,
        lastHash: place.hash.toString('hex'),
        checkpoints: checkpoints.agreed(),
      };
    }
  } catch (error) {
    return { ok: false, seq: place.seq + 1, problem: 'unreadable', detail: describeFailure(error) };
  }
}

function keptFacts(connection: Connection): KeptFacts {
  const person = connection.prepare<[number], PersonRow>('SELECT * FROM people WHERE ref = ?');
  const origin = connection.prepare<[number], OriginRow>('SELECT * FROM origins WHERE ref = ?');
  return { person: (ref) => person.get(ref), origin: (ref) => origin.get(ref) };
}

type RecordPage = {
  readonly rows: readonly EntryRow[];
  readonly counted: number;
  readonly untold: number | null;
};

/** All of it is read in one transaction, so that a gateway that writes meanwhile is no contradiction. */
function pageReader(connection: Connection): (after: number) => RecordPage {
  const untoldOf = meetingChecker(connection);
  const page = connection.prepare<[number, number], EntryRow>(
    `SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  return connection.transaction((after: number) => {
    const rows = page.all(after, PAGE);
    return { rows, counted: lastEverSeq(connection), untold: untoldOf(rows) };
  });
}
