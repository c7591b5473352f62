/** Walks the whole record on a connection of its own and names the first thing that is not as it was written. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compareCheckpoints, type SignedHead } from '../checkpoint-comparison.ts';
import type { Finding } from '../record-problem.ts';
import type { VerifiersOf } from '../signed-note.ts';
import { beginning } from './chain-end.ts';
import { cutChecker, readKeptCheckpoints } from './check-checkpoints.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { factChecker } from './check-facts.ts';
import { checkSchema } from './check-schema.ts';
import { lastEverSeq } from './check-tail.ts';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';

export type VerifyResult =
  | {
      readonly ok: true;
      /** The seq of the last entry; the first `absent` of them were pruned, or stand in an older file. */
      readonly entries: number;
      readonly absent: number;
      /** Lower-case hex; 64 zeros for an empty record. */
      readonly lastHash: string;
      /** How many checkpoints, kept beside the chain or given, were compared with it. */
      readonly checkpoints: number;
    }
  | ({ readonly ok: false } & Finding);

export type VerifyOptions = {
  /** Told after each page how far the walk is and how far it goes. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checkpoints that were kept elsewhere, their signatures checked (see checkpoint-file.ts). */
  readonly checkpoints?: readonly SignedHead[];
  /** Whose signature the checkpoints beside the chain must bear; without them only what they say is compared. */
  readonly verifiersOf?: VerifiersOf;
};

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
  let place: Place = { seq: 0, hash: Buffer.alloc(32), highAt: 0 };
  try {
    const kept = readKeptCheckpoints(connection, options.verifiersOf ?? null);
    if (kept.finding) return { ok: false, ...kept.finding };
    const from = beginning(connection);
    place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
    const given = options.checkpoints ?? [];
    const checkpoints = compareCheckpoints([...kept.heads, ...given]);
    const otherPast = contradiction(kept.heads, given, from.seq);
    if (otherPast) return { ok: false, ...otherPast };
    const cuts = cutChecker();
    const readPage = pageReader(connection);
    const checkFacts = factChecker(connection);
    for (;;) {
      const { rows, counted } = readPage(place.seq);
      for (const row of rows) {
        const checked = checkEntry(row, place);
        if (!checked.ok) return { ok: false, ...checked.finding };
        const wrongFact = checkFacts(row, checked.body);
        const wrong = wrongFact ?? checkpoints.entry(row.seq, row.hash);
        if (wrong) return { ok: false, ...wrong };
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

/** Of a checkpoint over entries that are not here any more, only another one kept here can tell that it is none of ours. */
export function contradiction(
  kept: readonly SignedHead[],
  given: readonly SignedHead[],
  absent: number,
): Finding | null {
  const hashes = new Map(kept.map(({ size, hash }) => [size, hash]));
  const other = given.find(
    ({ size, hash }) => size <= absent && hashes.has(size) && hashes.get(size) !== hash,
  );
  if (other === undefined) return null;
  const detail = `a signed checkpoint over ${other.size} entries differs from the one that is kept here`;
  return { seq: other.size, problem: 'rewritten', detail };
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
