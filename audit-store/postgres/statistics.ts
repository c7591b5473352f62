/**
 * Sees to it that PostgreSQL knows what the record is like: a record that was just restored or copied has no statistics, and
 * until autovacuum comes, if it ever does, a page of the newest entries is found by sorting all there are.
 */
import { rows } from './database.ts';
import type { Upkeep } from './upkeep.ts';

const ARE_THERE = `SELECT NOT EXISTS (SELECT 1 FROM entries) OR EXISTS (
  SELECT 1 FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'entries') AS yes`;

export const statistics: Upkeep = {
  patienceMs: 10 * 60_000,
  async isDone(connection) {
    return (await rows<{ yes: boolean }>(connection, ARE_THERE))[0]?.yes === true;
  },
  async work(connection) {
    await connection.query('ANALYZE entries, people, origins, decisions');
  },
};
