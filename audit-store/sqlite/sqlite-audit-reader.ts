/** Reads the events of a record in an SQLite file, without its lock: a gateway may go on writing meanwhile. */
import { resolve } from 'node:path';
import { type AuditStore, AuditUnavailableError } from '../audit-store.ts';
import { openReader } from './reader.ts';

export type SqliteAuditReader = Pick<AuditStore, 'events' | 'csvLines' | 'close'>;

/** Makes nothing where there is no record; both then reject with AuditUnavailableError, one line that names the file. */
export function openSqliteAuditReader(file: string): SqliteAuditReader {
  const reader = openReader({ file: resolve(file) });
  async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AuditUnavailableError(`the record ${file} cannot be read: ${why}`, { cause: error });
    }
  }
  return {
    events: (filter, page) => reading(() => reader.events(filter, page)),
    csvLines: (filter, page) => reading(() => reader.csvLines(filter, page)),
    close: () => reader.close(),
  };
}
