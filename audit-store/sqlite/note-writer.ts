/** Adds decisions to the trace, many in one statement. */
import type { DecisionNote } from '../audit-store.ts';
import type { Connection } from './database.ts';

/**
 * Decisions as they go to the writing thread: one text costs a tenth of what copying hundreds of objects does, and every
 * acting request makes one.
 */
export function packNotes(notes: readonly DecisionNote[]): string {
  return JSON.stringify(
    notes.map((note) => [
      note.at,
      note.sessionId,
      note.side,
      note.requestId,
      note.method,
      note.path,
      note.effect,
      note.rule,
      note.reason,
      note.statusCode,
    ]),
  );
}

/** @returns what takes a text of {@link packNotes} */
export function noteWriter(connection: Connection): (packed: string) => void {
  const insert = connection.prepare<[string]>(
    `INSERT INTO decisions (at, session_id, side, request_id, method, path, effect, rule, reason, status_code)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9 FROM json_each(?)`,
  );
  return (packed) => {
    insert.run(packed);
  };
}
