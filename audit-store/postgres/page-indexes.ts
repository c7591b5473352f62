/** The indexes that find a page by people and anything else together, built without keeping any gateway from writing. */
import { type Connection, rows } from './database.ts';
import { NO_NULL_MARKET } from './newest.ts';
import type { Upkeep } from './upkeep.ts';

/*
 * A stretch of entries_by_actor, one combination of all that stands before -seq, is in the order of the record; see the
 * first indexes for why -seq. What is included is only there to be tested without fetching the entry.
 */
const INDEXES: readonly (readonly [name: string, definition: string])[] = [
  [
    'entries_by_actor',
    `(actor_ref, (${NO_NULL_MARKET.replace('e.', '')}), event, outcome, (-seq))
     INCLUDE (seq, market_id, subject_ref) WHERE kind = 'event'`,
  ],
  [
    'entries_by_subject',
    `(subject_ref, (-seq)) INCLUDE (seq, market_id, event, outcome, actor_ref) WHERE kind = 'event'`,
  ],
];
/** What they take the place of. */
const OLD = ['entries_actor', 'entries_subject'];

/** A step of the migrations: at once where there is nothing yet, and left to {@link pageIndexes} where there is. */
export const PAGE_INDEXES = `DO $page$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM entries) THEN
    ${INDEXES.map(([name, definition]) => `CREATE INDEX ${name} ON entries ${definition};`).join('\n    ')}
    DROP INDEX ${OLD.join(', ')};
  END IF;
END $page$`;

const ARE_THERE = `SELECT count(*) = ${INDEXES.length} AS yes FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = 'entries'::regclass AND i.indisvalid AND c.relname IN ('${INDEXES.map(([name]) => name).join("', '")}')`;

/** Until they are, people are looked for among the newest entries. */
export async function arePageIndexesThere(connection: Connection): Promise<boolean> {
  return (await rows<{ yes: boolean }>(connection, ARE_THERE))[0]?.yes === true;
}

/** All the while everybody reads and writes. What was left half built is built anew. */
export const pageIndexes: Upkeep = {
  // Minutes for millions of entries.
  patienceMs: 24 * 60 * 60_000,
  isDone: arePageIndexesThere,
  async work(connection) {
    for (const [name, definition] of INDEXES) {
      const [found] = await rows<{ valid: boolean }>(
        connection,
        'SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)',
        [name],
      );
      if (found?.valid === true) continue;
      if (found) await connection.query(`DROP INDEX CONCURRENTLY ${name}`);
      await connection.query(`CREATE INDEX CONCURRENTLY ${name} ON entries ${definition}`);
    }
    for (const name of OLD) await connection.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  },
};
