/** A quick look at the end of the record before anything is added to it: enough to see an accident, not a history. */
import type { Finding } from '../record-problem.ts';
import type { Head } from '../sqlite/chain-end.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { beginning } from './chain-end.ts';
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
    const from = await beginning(connection);
    const finding = tailFinding(newest.toReversed(), last, from) ?? (await checkSchema(connection));
    if (finding)
      throw new Error(
        `entry ${finding.seq} of the record is ${finding.problem}: ${finding.detail}; see audit verify`,
      );
    return last;
  } finally {
    await connection.query('ROLLBACK').catch(() => undefined);
  }
}

function tailFinding(newest: EntryRow[], counted: number, beginsAfter: Head): Finding | null {
  const last = newest.at(-1)?.seq ?? beginsAfter.seq;
  if (last < counted)
    return { seq: last + 1, problem: 'truncated', detail: `entries up to ${counted} were written` };
  // The oldest row read is where the check starts from, unless it is the very first.
  const known = newest.length > TAIL ? newest.shift() : undefined;
  const from = known ?? beginsAfter;
  let place: Place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
  for (const row of newest) {
    // Pruned, and not deleted yet.
    if (row.seq <= from.seq) continue;
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
