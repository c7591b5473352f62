/** A connection past the store, for what an attacker or an accident would do to the file. */
import BetterSqlite3 from 'better-sqlite3';

/** Runs SQL as it is. */
export function raw(file: string, sql: string): void {
  const connection = new BetterSqlite3(file);
  try {
    connection.exec(sql);
  } finally {
    connection.close();
  }
}

/** Runs SQL with every trigger out of the way, and puts them back so that nothing else gives the deed away. */
export function tamper(file: string, sql: string): void {
  const connection = new BetterSqlite3(file);
  try {
    const kept = connection
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
      )
      .all();
    connection.pragma('foreign_keys = OFF');
    for (const { name } of kept) connection.exec(`DROP TRIGGER ${name}`);
    connection.exec(sql);
    for (const trigger of kept) connection.exec(trigger.sql);
  } finally {
    connection.close();
  }
}

/** Rows as the statement names their columns; the caller says their type. */
export function query<Row>(file: string, sql: string): Row[] {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    return connection.prepare<[], Row>(sql).all();
  } finally {
    connection.close();
  }
}
