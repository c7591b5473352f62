/** The entries that a range of time can lie in, from `low` to `high`, both inclusive. */

/**
 * A superset, because clocks jump and seq does not: unless it is exact, rows are still compared with `from`
 * and `before` themselves.
 * `high_at` never falls along the record and is nowhere lower than `at`, so a row at or after `from` lies at or after the
 * first whose `high_at` is. A row before `before` has a `high_at` of less than `before` plus the farthest the clock ever
 * stood back.
 */
export type SeqRange = {
  readonly low: number;
  readonly high: number;
  /** No clock ever stood back: these are the rows of that time and no others. */
  readonly exact: boolean;
};
