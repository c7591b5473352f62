/** Reads the events of a record in PostgreSQL on connections of its own; gateways may go on writing meanwhile. */
import { type AuditStore, AuditUnavailableError } from '../audit-store.ts';
import { openPool } from './database.ts';
import { describeFailure } from './failure.ts';
import { placeOf } from './place.ts';
import { readEvents } from './read-events.ts';

export type PostgresAuditReader = Pick<AuditStore, 'events' | 'close'>;

const PATIENCE_MS = 10_000;

/** Makes nothing; `events` rejects with AuditUnavailableError, one line that names host and database. */
export function openPostgresAuditReader(url: string): PostgresAuditReader {
  const pool = openPool({ url, patienceMs: PATIENCE_MS });
  return {
    async events(filter, page) {
      try {
        return await readEvents(pool, filter, page);
      } catch (error) {
        throw new AuditUnavailableError(
          `the record ${placeOf(url)} cannot be read: ${describeFailure(error)}`,
        );
      }
    },
    close: () => pool.close(),
  };
}
