/**
 * Sees to it that PostgreSQL knows what the record is like: a record that was just restored or copied has no statistics, and
 * until autovacuum comes, if it ever does, a page of the newest entries is found by sorting all there are.
 */
import { byOneGateway } from './by-one-gateway.ts';
import { type Connection, rows } from './database.ts';

const PATIENCE_MS = 10 * 60_000;

const ARE_THERE = `SELECT NOT EXISTS (SELECT 1 FROM entries) OR EXISTS (
  SELECT 1 FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'entries') AS yes`;

export function gatherStatistics(url: string, { signal }: { signal: AbortSignal }): Promise<void> {
  const isDone = areThere;
  return byOneGateway({ url, name: 'statistics', signal, patienceMs: PATIENCE_MS, isDone, work: gather });
}

async function areThere(connection: Connection): Promise<boolean> {
  return (await rows<{ yes: boolean }>(connection, ARE_THERE))[0]?.yes === true;
}

async function gather(connection: Connection): Promise<void> {
  await connection.query('ANALYZE entries, people, origins, decisions');
}
