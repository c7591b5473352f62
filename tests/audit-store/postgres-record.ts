/** Connections past the store, for what an attacker or an accident would do to a record in PostgreSQL. */
import { Client } from 'pg';

/** Runs SQL as it is, as the role that owns the record; rows of a single statement. */
export async function raw(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const answer = await client.query<Record<string, unknown>>(sql);
    return Array.isArray(answer) ? [] : answer.rows;
  } finally {
    await client.end();
  }
}

/** Runs SQL with every trigger that refuses out of the way, and puts them back so that nothing else gives the deed away. */
export async function tamper(url: string, sql: string): Promise<void> {
  const tables = ['entries', 'people', 'origins', 'written', 'stretches'];
  const all = (what: string) => tables.map((table) => `ALTER TABLE ${table} ${what} TRIGGER USER;`).join(' ');
  await raw(
    url,
    `BEGIN; ${all('DISABLE')} ALTER TABLE entries ENABLE TRIGGER entries_computed; ${sql}; ${all('ENABLE')} COMMIT`,
  );
}
