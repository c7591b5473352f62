/** Turns a range of time into the range of seq it lies in, although clocks jump and seq does not. */
import type { AuditFilter } from '../audit-store.ts';
import type { Connection } from './database.ts';

export type SeqRange = { readonly low: number; readonly high: number };

/**
 * A superset: rows are still compared with `from` and `before` themselves. `high_at` never falls along the record and
 * is nowhere lower than `at`, so a row at or after `from` lies at or after the first whose `high_at` is. A row before
 * `before` has a `high_at` of less than `before` plus the farthest the clock ever stood back. Null when it is empty.
 */
export function seqRange(connection: Connection, { from, before }: AuditFilter): SeqRange | null {
  const one = (sql: string, ...values: number[]): number | null => {
    const value = connection
      .prepare(sql)
      .pluck()
      .get(...values);
    return typeof value === 'number' ? value : null;
  };
  let low: number | null = 1;
  if (from !== undefined) {
    low = one('SELECT seq FROM entries WHERE high_at >= ? ORDER BY high_at, seq LIMIT 1', from);
  }
  let high: number | null = Number.MAX_SAFE_INTEGER;
  if (before !== undefined) {
    const back = one('SELECT max(high_at - at) FROM entries WHERE high_at > at') ?? 0;
    high = one(
      'SELECT seq FROM entries WHERE high_at < ? ORDER BY high_at DESC, seq DESC LIMIT 1',
      before + back,
    );
  }
  return low === null || high === null || high < low ? null : { low, high };
}
