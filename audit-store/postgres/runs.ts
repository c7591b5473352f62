/** Who is alive: each start of a gateway holds a lock for as long as its writing connection lives. */
import { type Connection, rows } from './database.ts';

const RECORD = `'entries'::regclass::oid::integer`;
/** As `pg_locks` shows it: of this database, for this record. */
const HELD = `SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = 'entries'::regclass::oid AND l.objid = r.ref::oid`;

/**
 * On each connection that is opened for the run; shared, because one that died may be thought alive by the server for
 * half a minute, and must not keep the next one out.
 */
export async function holdRun(connection: Connection, run: { run: string; instance: string }): Promise<void> {
  await rows(
    connection,
    'INSERT INTO runs (run, instance) VALUES ($1, $2) ON CONFLICT (run) DO UPDATE SET closed_at = NULL',
    [run.run, run.instance],
  );
  await rows(connection, `SELECT pg_advisory_lock_shared(${RECORD}, r.ref) FROM runs r WHERE r.run = $1`, [
    run.run,
  ]);
}

/** It leaves nothing behind that it will come back to. */
export async function closeRun(connection: Connection, run: string): Promise<void> {
  await rows(connection, 'UPDATE runs SET closed_at = now() WHERE run = $1', [run]);
}

/** What they left open has its end now. */
export async function closeAllBut(connection: Connection, living: readonly string[]): Promise<void> {
  await rows(
    connection,
    'UPDATE runs SET closed_at = now() WHERE closed_at IS NULL AND run <> ALL ($1::text[])',
    [living],
  );
}

/** `missing`: neither alive nor closed; it died, or its connection was cut and it is about to open another. */
export type Runs = { readonly living: readonly string[]; readonly missing: number };

export async function readRuns(connection: Connection): Promise<Runs> {
  const found = await rows<{ run: string; alive: boolean }>(
    connection,
    `SELECT r.run, EXISTS (${HELD}) AS alive FROM runs r WHERE r.closed_at IS NULL`,
  );
  const living = found.filter(({ alive }) => alive).map(({ run }) => run);
  return { living, missing: found.length - living.length };
}
