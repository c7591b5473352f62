/** Adds decisions to the trace, a block at a time. */
import type { Connection } from './database.ts';
import type { PackedNotes } from './packed-notes.ts';

export function noteWriter(connection: Connection): (blocks: readonly PackedNotes[]) => void {
  const insert = connection.prepare<[PackedNotes]>(
    `INSERT INTO traces (session_id, first_at, last_at, decisions, packed)
     VALUES (@sessionId, @firstAt, @lastAt, @decisions, @packed)`,
  );
  return connection.transaction((blocks: readonly PackedNotes[]) => {
    for (const one of blocks) insert.run(one);
  });
}
