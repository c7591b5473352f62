/** Checks that tables, indexes and, above all, the triggers that refuse changes are as the migrations made them. */
import type { Finding } from '../record-problem.ts';
import { type Connection, openConnection } from './database.ts';
import { migrateTo, schemaVersion } from './migrations.ts';

export function checkSchema(connection: Connection): Finding | null {
  const blank = openConnection(':memory:', { readOnly: false, busyTimeoutMs: 0 });
  try {
    migrateTo(blank, schemaVersion(connection));
    const meant = definitions(blank);
    const found = definitions(connection);
    for (const name of new Set([...meant.keys(), ...found.keys()])) {
      if (meant.get(name) === found.get(name)) continue;
      const what = !found.has(name) ? 'is gone' : meant.has(name) ? 'was changed' : 'was added';
      return { seq: 0, problem: 'schema_altered', detail: `the ${name} ${what}` };
    }
    return null;
  } finally {
    blank.close();
  }
}

/** `trigger entries_no_update` → its text. What SQLite itself keeps (statistics, automatic indexes) is left out. */
function definitions(connection: Connection): Map<string, string> {
  const rows = connection
    .prepare<[], { name: string; sql: string }>(
      `SELECT type || ' ' || name AS name, sql FROM sqlite_schema
       WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name`,
    )
    .all();
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}
