/** Reads the events of a record in an SQLite file, without its lock: a gateway may go on writing meanwhile. */
import { resolve } from 'node:path';
import { type AuditStore, AuditUnavailableError } from '../audit-store.ts';
import { openReader } from './reader.ts';

export type SqliteAuditReader = Pick<AuditStore, 'events' | 'close'>;

/** Makes nothing where there is no record; `events` then rejects with AuditUnavailableError, one line that names the file. */
export function openSqliteAuditReader(file: string): SqliteAuditReader {
  const reader = openReader({ file: resolve(file) });
  return {
    async events(filter, page) {
      try {
        return await reader.events(filter, page);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new AuditUnavailableError(`the record ${file} cannot be read: ${why}`, { cause: error });
      }
    },
    close: () => reader.close(),
  };
}
