/** Turns a range of time into the range of seq it lies in, although clocks jump and seq does not. */
import type { AuditFilter } from '../audit-store.ts';
import type { SeqRange } from '../seq-range.ts';
import { type Connection, rows } from './database.ts';

/** Null when it is empty. */
export async function seqRange(connection: Connection, filter: AuditFilter): Promise<SeqRange | null> {
  const { from, before } = filter;
  const one = async (sql: string, ...values: number[]): Promise<number | null> =>
    (await rows<{ n: number | null }>(connection, sql, values))[0]?.n ?? null;
  if (from === undefined && before === undefined)
    return { low: 1, high: Number.MAX_SAFE_INTEGER, exact: true };
  const [back, low] = await Promise.all([
    one('SELECT max(high_at - at) AS n FROM entries WHERE high_at > at'),
    from === undefined
      ? 1
      : one('SELECT seq AS n FROM entries WHERE high_at >= $1 ORDER BY high_at, seq LIMIT 1', from),
  ]);
  const newest = 'SELECT seq AS n FROM entries WHERE high_at < $1 ORDER BY high_at DESC, seq DESC LIMIT 1';
  const high = before === undefined ? Number.MAX_SAFE_INTEGER : await one(newest, before + (back ?? 0));
  return low === null || high === null || high < low ? null : { low, high, exact: back === null };
}
