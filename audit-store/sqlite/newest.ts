/** Finds the newest entries of many stretches of an index by looking at the end of each. */
import { type Bounds, effort, SAMPLED_ENTRIES, sampleOf, type Stretches, type Value } from '../stretches.ts';
import type { Connection } from './database.ts';

/** What each entry `e` is tested for besides: SQL that is true of it, and its values. */
export type Test = { readonly sql: string; readonly values: readonly Value[] };

/** So few are read in full; of more, first the newest entry of each is. */
const FEW_STRETCHES = 16;

/** The newest `count` of all, newest first. */
export function newestOf(
  connection: Connection,
  stretches: Stretches,
  tests: readonly Test[],
  bounds: Bounds,
  count: number,
): readonly number[] {
  const one = connection.prepare<Value[], number>(newestIn(stretches, tests)).pluck();
  const tested = tests.flatMap(({ values }) => values);
  const read = (values: readonly Value[], { low, high }: Bounds): readonly number[] =>
    one.all(...values, low, high, ...tested, count);
  const { values: all, ends: known } = stretches;
  if (all.length <= FEW_STRETCHES) {
    const found = all.flatMap((values, n) =>
      read(values, { low: bounds.low, high: known?.[n] ?? bounds.high }),
    );
    return newestFirst(found).slice(0, count);
  }
  const ends = connection
    .prepare<Value[], { n: number; newest: number | null }>(
      `SELECT k.key AS n, (${newestIn(stretches, tests, inList(stretches))}) AS newest
       FROM json_each(?) AS k ORDER BY newest DESC LIMIT ?`,
    )
    .all(
      bounds.low,
      ...tested,
      1,
      JSON.stringify(all.map((values, n) => [...values, known?.[n] ?? bounds.high])),
      count,
    )
    .flatMap(({ n, newest }) => (newest === null ? [] : [{ values: all[n] ?? [], high: newest }]));
  // The newest of all stand in the stretches that end newest, and not before the last of these ends.
  const low = ends.length < count ? bounds.low : (ends.at(-1)?.high ?? bounds.low);
  const found = ends.flatMap(({ values, high }) => read(values, { low, high }));
  return newestFirst(found).slice(0, count);
}

/**
 * Looks only at the newest `most` entries of all stretches together. Null unless these tell what {@link newestOf} would:
 * there are as many as are wanted, or no more to look at.
 */
export function newestAtOnce(
  connection: Connection,
  stretches: Stretches,
  tests: readonly Test[],
  bounds: Bounds,
  count: number,
  most: number,
): readonly number[] | null {
  const limit = Math.ceil(most / stretches.values.length);
  const passes = tests.map(({ sql }) => sql).join(' AND ') || '1';
  const statement = connection.prepare<Value[], { seq: number; passes: number }>(
    `SELECT e.seq, ${passes} AS passes FROM (${newestIn(stretches, [])}) AS newest
       CROSS JOIN entries e ON e.seq = newest.seq ORDER BY e.seq DESC`,
  );
  const tested = tests.flatMap(({ values }) => values);
  /** Below this not every stretch was looked at. */
  let floor = bounds.low;
  const found = stretches.values.flatMap((values) => {
    const looked = statement.all(...tested, ...values, bounds.low, bounds.high, limit);
    if (looked.length === limit) floor = Math.max(floor, looked.at(-1)?.seq ?? floor);
    return looked.filter((entry) => entry.passes === 1).map(({ seq }) => seq);
  });
  const sure = newestFirst(found.filter((seq) => seq >= floor)).slice(0, count);
  return sure.length === count || floor === bounds.low ? sure : null;
}

/** About how many entries are looked at to find the newest of the stretches where hardly one is what is wanted. */
export function roughEffort(connection: Connection, stretches: Stretches, bounds: Bounds): number {
  const sample = sampleOf(stretches);
  const statement = connection
    .prepare<Value[], number>(`SELECT count(*) FROM (${newestIn(stretches, [])})`)
    .pluck();
  let entries = 0;
  for (const values of sample)
    entries += Number(statement.get(...values, bounds.low, bounds.high, SAMPLED_ENTRIES));
  return effort(stretches, sample, entries);
}

/** Values: of the columns, lowest and highest seq, of the tests, how many; with `keys` columns and highest are theirs. */
function newestIn({ index, columns }: Stretches, tests: readonly Test[], keys?: readonly string[]): string {
  const conditions = [
    "e.kind = 'event'",
    ...columns.map((column, place) => `e.${column} IS ${keys?.[place] ?? '?'}`),
    `e.seq BETWEEN ? AND ${keys?.[columns.length] ?? '?'}`,
    ...tests.map(({ sql }) => sql),
  ];
  return `SELECT e.seq FROM entries e ${index === null ? 'NOT INDEXED' : `INDEXED BY ${index}`}
    WHERE ${conditions.join(' AND ')} ORDER BY e.seq DESC LIMIT ?`;
}

/** The columns' values, and the highest seq behind them, in a list of such lists. */
const inList = ({ columns }: Stretches): readonly string[] =>
  [...columns, 'seq'].map((_, place) => `(k.value ->> ${place})`);
const newestFirst = (seqs: readonly number[]): readonly number[] => seqs.toSorted((a, b) => b - a);
