/** Walks the whole record on a connection of its own and names the first thing that is not as it was written. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GENESIS } from '../chain.ts';
import type { Finding } from '../record-problem.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from './check-entry.ts';
import { factChecker } from './check-facts.ts';
import { checkSchema } from './check-schema.ts';
import { lastEverSeq } from './check-tail.ts';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';

export type VerifyResult =
  /** `lastHash`: lower-case hex; 64 zeros for an empty record. */
  | { readonly ok: true; readonly entries: number; readonly lastHash: string }
  | ({ readonly ok: false } & Finding);

export type VerifyOptions = {
  /** Told after each page how far the walk is and how far it goes. */
  readonly onProgress?: (done: number, total: number) => void;
};

const PAGE = 500;

/**
 * Reads only, in short transactions, and lets the event loop run between pages; a gateway may go on writing meanwhile.
 *
 * What it cannot see by itself: someone who cuts the newest entries off and also sets back SQLite's count of them, or
 * who rewrites everything from some entry on, hashes included. Only a hash that was kept elsewhere shows that: compare
 * `lastHash`, or the hash of an entry once seen, with one that left this machine.
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

async function walk(connection: Connection, { onProgress }: VerifyOptions): Promise<VerifyResult> {
  let place: Place = { seq: 0, hash: GENESIS, highAt: 0 };
  try {
    const readPage = pageReader(connection);
    const checkFacts = factChecker(connection);
    for (;;) {
      const { rows, counted } = readPage(place.seq);
      for (const row of rows) {
        const checked = checkEntry(row, place);
        if (!checked.ok) return { ok: false, ...checked.finding };
        const wrongFact = checkFacts(row, checked.body);
        if (wrongFact) return { ok: false, ...wrongFact };
        place = checked.place;
      }
      onProgress?.(place.seq, counted);
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
      const schema = checkSchema(connection);
      if (schema) return { ok: false, ...schema };
      return { ok: true, entries: place.seq, lastHash: place.hash.toString('hex') };
    }
  } catch (error) {
    return { ok: false, seq: place.seq + 1, problem: 'unreadable', detail: describeFailure(error) };
  }
}

/** Rows and SQLite's count are read in one transaction, so that a gateway that writes meanwhile is no contradiction. */
function pageReader(connection: Connection): (after: number) => { rows: EntryRow[]; counted: number } {
  const page = connection.prepare<[number, number], EntryRow>(
    `SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  return connection.transaction((after: number) => ({
    rows: page.all(after, PAGE),
    counted: lastEverSeq(connection),
  }));
}
