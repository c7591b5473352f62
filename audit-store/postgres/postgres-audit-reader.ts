/** Reads the events of a record in PostgreSQL on connections of its own; gateways may go on writing meanwhile. */
import { type AuditStore, AuditUnavailableError } from '../audit-store.ts';
import { csvThread } from './csv-thread.ts';
import { openPool } from './database.ts';
import { describeFailure } from './failure.ts';
import { placeOf } from './place.ts';
import { readEvents } from './read-events.ts';

export type PostgresAuditReader = Pick<AuditStore, 'events' | 'csvLines' | 'close'>;

const PATIENCE_MS = 10_000;

/** Makes nothing; both reject with AuditUnavailableError, one line that names host and database. */
export function openPostgresAuditReader(url: string): PostgresAuditReader {
  const pool = openPool({ url, patienceMs: PATIENCE_MS });
  const csv = csvThread({ url, patienceMs: PATIENCE_MS });
  async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      throw new AuditUnavailableError(`the record ${placeOf(url)} cannot be read: ${describeFailure(error)}`);
    }
  }
  return {
    events: (filter, page) => reading(() => readEvents(pool, filter, page)),
    csvLines: (filter, page) => reading(() => csv.lines(filter, page)),
    async close() {
      await csv.close();
      await pool.close();
    },
  };
}
