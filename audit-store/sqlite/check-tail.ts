/** A quick look at the end of the record before anything is added to it: enough to see an accident, not a history. */
import type { Finding } from '../record-problem.ts';
import { beginning } from './chain-end.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { checkSchema } from './check-schema.ts';
import type { Connection } from './database.ts';

const TAIL = 1000;

/** Throws one line that names the first bad entry among the last thousand, or what protects them and is gone. */
export function checkTail(connection: Connection): void {
  // One view of it all: a gateway may be adding entries meanwhile.
  const finding = connection.transaction(() => tailFinding(connection) ?? checkSchema(connection))();
  if (finding) {
    throw new Error(
      `entry ${finding.seq} of the record is ${finding.problem}: ${finding.detail}; see audit verify`,
    );
  }
}

function tailFinding(connection: Connection): Finding | null {
  const rows = connection
    .prepare<[number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM entries ORDER BY seq DESC LIMIT ?`)
    .all(TAIL + 1)
    .toReversed();
  const counted = lastEverSeq(connection);
  const last = rows.at(-1)?.seq ?? beginning(connection).seq;
  if (last < counted)
    return { seq: last + 1, problem: 'truncated', detail: `entries up to ${counted} were written` };

  // The oldest row read is where the check starts from, unless it is the very first.
  const [first] = rows;
  const known = first && rows.length > TAIL ? rows.shift() : undefined;
  const from = known ?? beginning(connection);
  let place: Place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
  for (const row of rows) {
    if (row.seq <= from.seq) continue;
    const checked = checkEntry(row, place);
    if (!checked.ok) return checked.finding;
    place = checked.place;
  }
  return null;
}

/** The highest seq ever given out, by SQLite's own count. */
export function lastEverSeq(connection: Connection): number {
  const seq = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").pluck().get();
  return typeof seq === 'number' ? seq : 0;
}
