/** A quick look at the end of the record before anything is added to it: enough to see an accident, not a history. */
import { ENTRY_COLUMNS, type EntryRow } from '../check-entry.ts';
import { TAIL, tailError, tailFinding } from '../tail-finding.ts';
import { beginning } from './chain-end.ts';
import { checkSchema } from './check-schema.ts';
import type { Connection } from './database.ts';

/** Throws one line that names the first bad entry among the last thousand, or what protects them and is gone. */
export function checkTail(connection: Connection): void {
  // One view of it all: a gateway may be adding entries meanwhile.
  const look = connection.transaction(
    () =>
      tailFinding(newestRows(connection), lastEverSeq(connection), beginning(connection)) ??
      checkSchema(connection),
  );
  const finding = look();
  if (finding) throw tailError(finding);
}

function newestRows(connection: Connection): readonly EntryRow[] {
  return connection
    .prepare<[number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM entries ORDER BY seq DESC LIMIT ?`)
    .all(TAIL + 1)
    .toReversed();
}

/** The highest seq ever given out, by SQLite's own count. */
export function lastEverSeq(connection: Connection): number {
  const seq = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").pluck().get();
  return typeof seq === 'number' ? seq : 0;
}
