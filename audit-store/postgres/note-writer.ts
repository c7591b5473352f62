/** Adds decisions to the trace, many in one statement. */
import type { DecisionNote } from '../audit-store.ts';
import type { Connection } from './database.ts';

export async function writeNotes(connection: Connection, notes: readonly DecisionNote[]): Promise<void> {
  await connection.query(
    `INSERT INTO decisions (at, session_id, side, request_id, method, path, effect, rule, reason, status_code)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::text[], $9::text[], $10::integer[])`,
    [
      notes.map(({ at }) => at),
      notes.map(({ sessionId }) => sessionId),
      notes.map(({ side }) => side),
      notes.map(({ requestId }) => requestId),
      notes.map(({ method }) => method),
      notes.map(({ path }) => path),
      notes.map(({ effect }) => effect),
      notes.map(({ rule }) => rule),
      notes.map(({ reason }) => reason),
      notes.map(({ statusCode }) => statusCode),
    ],
  );
}
