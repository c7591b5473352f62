/** Reads from the decision log which writes no rule named, for people who complete a policy. */
import { UNNAMED, type UnnamedWrite } from '../unnamed-write.ts';
import { openConnection } from './database.ts';
import { describeFailure } from './failure.ts';

/** Reads only; a gateway may go on writing meanwhile. @throws one line that names the file, when it cannot be read */
export function readUnnamedWrites(file: string): readonly UnnamedWrite[] {
  try {
    const connection = openConnection(file, { readOnly: true, busyTimeoutMs: 5000 });
    try {
      return connection
        .prepare<[string], UnnamedWrite>(
          `SELECT method, path, count(*) AS times FROM decisions
           WHERE rule IS NULL AND reason = ? GROUP BY method, path ORDER BY path, method`,
        )
        .all(UNNAMED);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw new Error(`the record ${file} cannot be read: ${describeFailure(error)}`, { cause: error });
  }
}
