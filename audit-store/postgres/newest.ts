/** Finds the newest entries of many stretches of an index by looking at the end of each. */
import { type Bounds, type Column, effort, SAMPLED_ENTRIES, sampleOf, type Stretches } from '../stretches.ts';
import { type Connection, rows } from './database.ts';

/** What each entry `e` is tested for besides: SQL that is true of it, given where its values go. */
export type Test = (place: Place) => string;

export type Place = (value: unknown) => string;

const TYPES: Readonly<Record<Column, string>> = {
  session_id: 'text',
  event: 'text',
  outcome: 'text',
  market_id: 'text',
  actor_ref: 'bigint',
  subject_ref: 'bigint',
};
/** As the index spells it. */
export const NO_NULL_MARKET = `coalesce(e.market_id, '')`;

/** The newest `count` of all, newest first. */
export async function newestOf(
  connection: Connection,
  stretches: Stretches,
  tests: readonly Test[],
  bounds: Bounds,
  count: number,
): Promise<readonly number[]> {
  const { values, place } = statementValues();
  const [low, limit] = [place(bounds.low), place(count)];
  const high = stretches.ends === undefined ? place(bounds.high) : 'k.high';
  const upTo = (newest: string): string => newestIn(stretches, tests, { low, high: newest }, place);
  // The newest of all stand in the stretches that end newest.
  const sql =
    stretches.index === null
      ? `${upTo(high)} LIMIT ${limit}`
      : `WITH ends AS MATERIALIZED (
           SELECT k.*, one.seq AS newest FROM ${listed(stretches, place)} AS k
             CROSS JOIN LATERAL (${upTo(high)} LIMIT 1) AS one
           ORDER BY one.seq DESC LIMIT ${limit})
         SELECT one.seq FROM ends AS k CROSS JOIN LATERAL (${upTo('k.newest')} LIMIT ${limit}) AS one
         ORDER BY one.seq DESC LIMIT ${limit}`;
  return (await rows<{ seq: number }>(connection, sql, values)).map(({ seq }) => seq);
}

/**
 * Looks only at the newest `most` entries of all stretches together. Null unless these tell what {@link newestOf} would:
 * there are as many as are wanted, or no more to look at.
 */
export async function newestAtOnce(
  connection: Connection,
  stretches: Stretches,
  tests: readonly Test[],
  bounds: Bounds,
  count: number,
  most: number,
): Promise<readonly number[] | null> {
  const { values, place } = statementValues();
  const within = { low: place(bounds.low), high: place(bounds.high) };
  const limit = place(Math.ceil(most / stretches.values.length));
  const passes = tests.map((test) => test(place)).join(' AND ');
  const newest = newestIn(stretches, [], within, place, 'e.*');
  const sql = `WITH looked AS MATERIALIZED (
      SELECT k.n, e.seq, ${passes} AS passes FROM ${listed(stretches, place)} AS k
        CROSS JOIN LATERAL (${newest} LIMIT ${limit}) AS e),
    cut AS (SELECT min(seq) AS floor FROM looked GROUP BY n HAVING count(*) = ${limit}),
    sure AS (SELECT max(floor) AS floor FROM cut)
    SELECT (SELECT floor FROM sure) IS NOT NULL AS cut, ARRAY(
      SELECT seq FROM looked WHERE passes AND seq >= coalesce((SELECT floor FROM sure), 0)
      ORDER BY seq DESC LIMIT ${place(count)})::text[] AS seqs`;
  const [found] = await rows<{ cut: boolean; seqs: readonly string[] }>(connection, sql, values);
  if (found === undefined || (found.cut && found.seqs.length < count)) return null;
  return found.seqs.map(Number);
}

/** About how many entries are looked at to find the newest of the stretches where hardly one is what is wanted. */
export async function roughEffort(
  connection: Connection,
  stretches: Stretches,
  bounds: Bounds,
): Promise<number> {
  const sample = sampleOf(stretches);
  if (sample.length === 0) return 0;
  const { values, place } = statementValues();
  const within = { low: place(bounds.low), high: place(bounds.high) };
  const sql = `SELECT count(*) AS n FROM ${listed({ ...stretches, values: sample }, place)} AS k
    CROSS JOIN LATERAL (${newestIn(stretches, [], within, place)} LIMIT ${SAMPLED_ENTRIES}) AS one`;
  const [found] = await rows<{ n: number }>(connection, sql, values);
  return effort(stretches, sample, found?.n ?? 0);
}

/** Of the stretch `k`; see the indexes for why `-seq`. Without a limit. */
function newestIn(
  { index, columns }: Stretches,
  tests: readonly Test[],
  { low, high }: { readonly low: string; readonly high: string },
  place: Place,
  what = 'e.seq',
): string {
  const conditions = [
    "e.kind = 'event'",
    ...columns.map((column) => `${keyOf(column, index)} = k.${column}`),
    index === null
      ? `e.seq BETWEEN ${low} AND ${high}`
      : `-e.seq BETWEEN -(${high}::bigint) AND -(${low}::bigint)`,
    ...tests.map((test) => test(place)),
  ];
  const order = index === null ? 'e.seq DESC' : '-e.seq';
  return `SELECT ${what} FROM entries e WHERE ${conditions.join(' AND ')} ORDER BY ${order}`;
}

/** An actor's stretches hold what belongs to no market under an id that none has. */
function keyOf(column: Column, index: Stretches['index']): string {
  return index === 'entries_actor' && column === 'market_id' ? NO_NULL_MARKET : `e.${column}`;
}

/** Rows of the columns' values and, where they are known, the ends as `high`, numbered `n`. */
function listed({ columns, values, ends }: Stretches, place: Place): string {
  if (columns.length === 0) return '(SELECT 1 AS n)';
  const lists = columns.map(
    (column, index) => `${place(values.map((list) => list[index] ?? ''))}::${TYPES[column]}[]`,
  );
  const names: string[] = [...columns];
  if (ends !== undefined) {
    lists.push(`${place(ends)}::bigint[]`);
    names.push('high');
  }
  return `(SELECT * FROM unnest(${lists.join(', ')}) WITH ORDINALITY AS u (${names.join(', ')}, n))`;
}

/** The values of a statement, and where each of them goes. */
export function statementValues() {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  return { values, place };
}
