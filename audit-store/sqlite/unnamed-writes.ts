/** Reads from the decision log which writes no rule named, for people who complete a policy. */
import { UNNAMED, type UnnamedWrite } from '../unnamed-write.ts';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';
import { schemaVersion } from './migrations.ts';
import { type PackedNotes, unpackNotes } from './packed-notes.ts';
import { TRACES_SINCE } from './trace-tables.ts';

/** Reads only; a gateway may go on writing meanwhile. @throws one line that names the file, when it cannot be read */
export function readUnnamedWrites(file: string): readonly UnnamedWrite[] {
  try {
    const connection = openConnection(file, { readOnly: true, busyTimeoutMs: 5000 });
    try {
      if (schemaVersion(connection) < TRACES_SINCE)
        throw new Error(
          'it was written by an older release; a gateway of this one brings it up to date when it starts',
        );
      return unnamedIn(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw new Error(`the record ${file} cannot be read: ${describeFailure(error)}`, { cause: error });
  }
}

function unnamedIn(connection: Connection): readonly UnnamedWrite[] {
  const blocks = connection
    .prepare<[], Pick<PackedNotes, 'sessionId' | 'firstAt' | 'packed'>>(
      'SELECT session_id AS sessionId, first_at AS firstAt, packed FROM traces',
    )
    .iterate();
  const found = new Map<string, UnnamedWrite>();
  for (const block of blocks)
    for (const { method, path, rule, reason } of unpackNotes(block)) {
      if (rule !== null || reason !== UNNAMED) continue;
      const route = `${path} ${method}`;
      found.set(route, { method, path, times: (found.get(route)?.times ?? 0) + 1 });
    }
  return Array.from(found.values()).toSorted(
    (one, other) => order(one.path, other.path) || order(one.method, other.method),
  );
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
