/** Reads from the decision log which writes no rule named, for people who complete a policy. */
import { UNNAMED, type UnnamedWrite } from '../unnamed-write.ts';
import { connect, rows } from './database.ts';
import { describeFailure } from './failure.ts';
import { placeOf } from './place.ts';

const PATIENCE_MS = 60_000;

/** Rejects with one line that names host and database, when the record cannot be read. */
export async function readUnnamedPostgresWrites(url: string): Promise<readonly UnnamedWrite[]> {
  try {
    const connection = await connect({ url, patienceMs: PATIENCE_MS });
    try {
      return await rows<UnnamedWrite>(
        connection,
        `SELECT method, path, count(*) AS times FROM decisions
         WHERE rule IS NULL AND reason = $1 GROUP BY method, path ORDER BY path COLLATE "C", method COLLATE "C"`,
        [UNNAMED],
      );
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw new Error(`the record ${placeOf(url)} cannot be read: ${describeFailure(error)}`, { cause: error });
  }
}
