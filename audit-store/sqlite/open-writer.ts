/** Opens the one connection that writes the record, and only if what it commits is really on disk afterwards. */
import { type Connection, openConnection } from './database.ts';
import { migrate } from './migrations.ts';

export type WriterOptions = {
  readonly file: string;
  /** How long a write may wait for somebody else's lock, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** The record does not grow beyond this many bytes: writing more fails as a full disk does. Null: no limit. */
  readonly maxBytes: number | null;
};

export function openWriter(options: WriterOptions): Connection {
  const connection = openConnection(options.file, { readOnly: false, busyTimeoutMs: options.busyTimeoutMs });
  try {
    const mode: unknown = connection.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal') throw new Error(`the file system of ${options.file} does not allow WAL`);
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('recursive_triggers = ON');
    connection.pragma('trusted_schema = OFF');
    connection.pragma('journal_size_limit = 67108864');
    // Pages of indexes are written again and again; the more of that happens in the log, the less goes into the file.
    connection.pragma('wal_autocheckpoint = 8000');
    // What is blanked or deleted one day must not stand on in the unused part of a page.
    connection.pragma('secure_delete = FAST');
    migrate(connection);
    if (options.maxBytes !== null) {
      const pageSize = Number(connection.pragma('page_size', { simple: true }));
      connection.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageSize))}`);
    }
    probeWrite(connection);
    // This SQLite is built with SQLITE_DEFAULT_WAL_SYNCHRONOUS=1, which may take hold at the first write in WAL mode.
    if (connection.pragma('synchronous', { simple: true }) !== 2) {
      throw new Error('SQLite does not keep synchronous=FULL; commits would not survive a power cut');
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Commits a few pages and frees them again; throws when writing does not work. */
export function probeWrite(connection: Connection): void {
  connection.transaction(() => connection.exec('INSERT INTO probe VALUES (zeroblob(16384))')).immediate();
  connection.transaction(() => connection.exec('DELETE FROM probe')).immediate();
}
