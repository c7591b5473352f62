/** A connection for a command that changes the record beside the gateways that write to it. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../canonical-json.ts';
import type { WrittenBy } from '../chain-head.ts';
import { checkedHead, insertLinks, linkOnto } from './chain-end.ts';
import { checkServer } from './check-server.ts';
import { checkTail } from './check-tail.ts';
import { connect, type Connection, type OwnConnection, rows } from './database.ts';
import { describeFailure } from './failure.ts';
import { migrate } from './migrations.ts';
import { placeOf } from './place.ts';

const PATIENCE_MS = 60_000;
const PURGE_ATTEMPTS = 20;
const PURGE_PAUSE_MS = 250;

export type CommandConnection = { readonly connection: Connection; readonly by: WrittenBy };

/** Rejects with one line that names host and database when there is no record, or the end of its chain is broken. */
export async function withPostgresRecord<Result>(
  url: string,
  work: (open: CommandConnection) => Promise<Result>,
): Promise<Result> {
  let connection: OwnConnection | null = null;
  try {
    connection = await connect({ url, patienceMs: PATIENCE_MS });
    await checkServer(connection);
    const [there] = await rows<{ yes: boolean }>(
      connection,
      `SELECT to_regclass('entries') IS NOT NULL AS yes`,
    );
    if (there?.yes !== true) throw new Error('there is none');
    await migrate(connection);
    await checkTail(connection);
    return await work({ connection, by: { instance: hostname(), run: randomUUID() } });
  } catch (error) {
    throw new Error(`the record ${placeOf(url)} cannot be changed: ${describeFailure(error)}`, {
      cause: error,
    });
  } finally {
    await connection?.close();
  }
}

/** Only while nobody else adds (see alone.ts). */
export async function addEntry(
  { connection, by }: CommandConnection,
  entry: { readonly kind: 'erasure' | 'pruning'; readonly at: number },
  members: Readonly<Record<string, Json>>,
): Promise<void> {
  const head = await checkedHead(connection, null);
  await insertLinks(connection, [linkOnto(head, by, entry, (stamp) => ({ ...stamp, ...members }), null)]);
}

/** Frees the older versions of blanked rows; false when somebody's long transaction keeps them readable all the while. */
export async function purge(connection: Connection): Promise<boolean> {
  for (let attempt = 0; attempt < PURGE_ATTEMPTS; attempt += 1) {
    await connection.query('VACUUM people');
    await connection.query('VACUUM origins');
    const [left] = await rows<{ dead: number }>(
      connection,
      `SELECT coalesce(sum(n_dead_tup), 0)::bigint AS dead FROM pg_stat_user_tables
       WHERE schemaname = current_schema() AND relname IN ('people', 'origins')`,
    );
    if (left?.dead === 0) return true;
    await sleep(PURGE_PAUSE_MS);
  }
  return false;
}
