/** Turns a range of time into the range of seq it lies in, although clocks jump and seq does not. */
import type { AuditFilter } from '../audit-store.ts';
import type { SeqRange } from '../sqlite/seq-range.ts';
import { type Connection, rows } from './database.ts';

/** A superset, for the same reasons as in SQLite's; null when it is empty. */
export async function seqRange(
  connection: Connection,
  { from, before }: AuditFilter,
): Promise<SeqRange | null> {
  const one = async (sql: string, ...values: number[]): Promise<number | null> =>
    (await rows<{ n: number | null }>(connection, sql, values))[0]?.n ?? null;
  let low: number | null = 1;
  if (from !== undefined)
    low = await one('SELECT seq AS n FROM entries WHERE high_at >= $1 ORDER BY high_at, seq LIMIT 1', from);
  let high: number | null = Number.MAX_SAFE_INTEGER;
  if (before !== undefined) {
    const back = (await one('SELECT max(high_at - at) AS n FROM entries WHERE high_at > at')) ?? 0;
    const sql = 'SELECT seq AS n FROM entries WHERE high_at < $1 ORDER BY high_at DESC, seq DESC LIMIT 1';
    high = await one(sql, before + back);
  }
  return low === null || high === null || high < low ? null : { low, high };
}
