/** Adds decisions to the trace, many in one transaction. */
import type { DecisionNote } from '../audit-store.ts';
import type { Connection } from './database.ts';

export function noteWriter(connection: Connection): (notes: readonly DecisionNote[]) => void {
  const insert = connection.prepare<[DecisionNote]>(
    `INSERT INTO decisions (at, session_id, side, request_id, method, path, effect, rule, reason, status_code)
     VALUES (@at, @sessionId, @side, @requestId, @method, @path, @effect, @rule, @reason, @statusCode)`,
  );
  const writeAll = connection.transaction((notes: readonly DecisionNote[]) => {
    for (const note of notes) insert.run(note);
  });
  return (notes) => {
    writeAll.immediate(notes);
  };
}
