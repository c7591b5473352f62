/** A quick look at the end of the record before anything is added to it: enough to see an accident, not a history. */
import { ENTRY_COLUMNS, type EntryRow } from '../check-entry.ts';
import { TAIL, tailError, tailFinding } from '../tail-finding.ts';
import { beginning } from './chain-end.ts';
import { checkSchema } from './check-schema.ts';
import { type Connection, rows } from './database.ts';

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
    if (finding) throw tailError(finding);
    return last;
  } finally {
    await connection.query('ROLLBACK').catch(() => undefined);
  }
}

/** The highest seq ever given out, by the record's own count. */
export async function lastEverSeq(connection: Connection): Promise<number> {
  return (await rows<{ seq: number }>(connection, 'SELECT seq FROM written'))[0]?.seq ?? 0;
}
