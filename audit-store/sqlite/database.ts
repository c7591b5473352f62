/** The only door to better-sqlite3: opens connections that wait briefly, and never with an SQLite known to corrupt. */
import BetterSqlite3 from 'better-sqlite3';

export type Connection = BetterSqlite3.Database;
export type Statement<Parameters extends unknown[], Row = unknown> = BetterSqlite3.Statement<Parameters, Row>;

/** SQLite before this can corrupt a WAL database when a reset races a reader (fixed in 3.51.3). */
export const OLDEST_SQLITE = '3.51.3';

export type ConnectionOptions = { readonly readOnly: boolean; readonly busyTimeoutMs: number };

export function openConnection(file: string, options: ConnectionOptions): Connection {
  const connection = new BetterSqlite3(file, {
    readonly: options.readOnly,
    fileMustExist: options.readOnly,
    timeout: options.busyTimeoutMs,
  });
  try {
    const version = String(connection.prepare('SELECT sqlite_version()').pluck().get());
    if (isOlder(version, OLDEST_SQLITE)) {
      throw new Error(`SQLite ${version} can corrupt the record; ${OLDEST_SQLITE} or newer is needed`);
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Compares dotted versions by number, so that 3.9 is older than 3.51. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((v) => v.split('.').map(Number));
  for (const [index, wanted] of (b ?? []).entries()) {
    const found = a?.[index] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

/** SQLite's own code of a failure, e.g. `SQLITE_FULL`, or null for any other error. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof BetterSqlite3.SqliteError ? error.code : null;
}
