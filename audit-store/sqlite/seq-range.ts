/** Turns a range of time into the range of seq it lies in, although clocks jump and seq does not. */
import type { AuditFilter } from '../audit-store.ts';
import type { SeqRange } from '../seq-range.ts';
import type { Connection } from './database.ts';

/** Null when it is empty. */
export function seqRange(connection: Connection, filter: AuditFilter): SeqRange | null {
  const one = (sql: string, ...values: number[]): number | null => {
    const value = connection
      .prepare(sql)
      .pluck()
      .get(...values);
    return typeof value === 'number' ? value : null;
  };
  const { from, before } = filter;
  if (from === undefined && before === undefined)
    return { low: 1, high: Number.MAX_SAFE_INTEGER, exact: true };
  const back = one('SELECT max(high_at - at) FROM entries WHERE high_at > at') ?? 0;
  const low =
    from === undefined
      ? 1
      : one('SELECT seq FROM entries WHERE high_at >= ? ORDER BY high_at, seq LIMIT 1', from);
  const high =
    before === undefined
      ? Number.MAX_SAFE_INTEGER
      : one(
          'SELECT seq FROM entries WHERE high_at < ? ORDER BY high_at DESC, seq DESC LIMIT 1',
          before + back,
        );
  return low === null || high === null || high < low ? null : { low, high, exact: back === 0 };
}
