/** A quick look at the end of the record before anything is added to it: enough to see an accident, not a history. */
import { GENESIS } from '../chain.ts';
import type { Finding } from '../record-problem.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../sqlite/check-entry.ts';
import { checkSchema } from './check-schema.ts';
import { type Connection, rows } from './database.ts';

const TAIL = 1000;

/** Resolves to the last seq. Rejects with one line that names the first bad entry of the last thousand, or a protection that is gone. */
export async function checkTail(connection: Connection): Promise<number> {
  await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const last = await lastEverSeq(connection);
    const newest = await rows<EntryRow>(
      connection,
      `SELECT ${ENTRY_COLUMNS} FROM entries ORDER BY seq DESC LIMIT $1`,
      [TAIL + 1],
    );
    const finding = tailFinding(newest.toReversed(), last) ?? (await checkSchema(connection));
    if (finding)
      throw new Error(
        `entry ${finding.seq} of the record is ${finding.problem}: ${finding.detail}; see audit verify`,
      );
    return last;
  } finally {
    await connection.query('ROLLBACK').catch(() => undefined);
  }
}

function tailFinding(newest: EntryRow[], counted: number): Finding | null {
  const last = newest.at(-1)?.seq ?? 0;
  if (last < counted)
    return { seq: last + 1, problem: 'truncated', detail: `entries up to ${counted} were written` };
  // The oldest row read is where the check starts from, unless it is the very first.
  const known = newest.length > TAIL ? newest.shift() : undefined;
  let place: Place = known
    ? { seq: known.seq, hash: known.hash, highAt: known.high_at }
    : { seq: 0, hash: GENESIS, highAt: 0 };
  for (const row of newest) {
    const checked = checkEntry(row, place);
    if (!checked.ok) return checked.finding;
    place = checked.place;
  }
  return null;
}

/** The highest seq ever given out, by the record's own count. */
export async function lastEverSeq(connection: Connection): Promise<number> {
  return (await rows<{ seq: number }>(connection, 'SELECT seq FROM written'))[0]?.seq ?? 0;
}
