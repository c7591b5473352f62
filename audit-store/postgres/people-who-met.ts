/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import type { Bounds, Search } from '../stretches.ts';
import { type Connection, rows } from './database.ts';

/** Whom a search finds: every ref where these are few enough to be listed, else null. */
export type Searched = Search & { readonly refs: readonly number[] | null };

/** So many meetings are tested one by one. */
const ONE_BY_ONE = 20_000;

/** SQL that is true where the person whose ref is given is found by the needle. `strpos` knows no wildcards. */
export function isFound(ref: string, needle: string): string {
  return `coalesce((SELECT strpos(p.search, ${needle}) > 0 FROM people p WHERE p.ref = ${ref}), false)`;
}

/** Their meetings in the filter's market, of its kinds and within the bounds, those that went on longest first; at most so many. */
export async function meetingsOf(
  connection: Connection,
  searched: readonly Searched[],
  filter: AuditFilter,
  { low, high }: Bounds,
  most: number,
): Promise<readonly Meeting[]> {
  const values: unknown[] = [kindBits(filter), high, low - LAG];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const known = [
    'm.kinds & $1 <> 0 AND m.first <= $2 AND m.newest > $3',
    ...(filter.market ? [`m.market_id = ${place(filter.market)}`] : []),
    ...searched.flatMap(({ side, refs }) =>
      refs === null ? [] : [`m.${side}_ref = ANY (${place(refs)}::bigint[])`],
    ),
  ].join(' AND ');
  const unlisted = searched.filter(({ refs }) => refs === null);
  const fewMet =
    unlisted.length > 0 &&
    unlisted.length < searched.length &&
    (await countUpTo(connection, known, values, ONE_BY_ONE + 1)) <= ONE_BY_ONE;
  const tests = unlisted.map(({ side, needle }) => {
    if (fewMet) return isFound(`m.${side}_ref`, place(needle));
    const refs = `SELECT p.ref FROM people p WHERE strpos(p.search, ${place(needle)}) > 0`;
    // As a list of their own they lead to the meetings by the index; as a join each meeting's person might be looked at.
    return side === 'subject' ? `m.subject_ref = ANY (ARRAY(${refs}))` : `m.actor_ref IN (${refs})`;
  });
  // The OFFSET has them put in order before any is tested, so that no more are tested than are wanted.
  const from = fewMet
    ? `(SELECT * FROM meetings m WHERE ${known} ORDER BY m.newest DESC OFFSET 0) AS m WHERE ${tests.join(' AND ')}`
    : `meetings m WHERE ${[known, ...tests].join(' AND ')}`;
  return rows<Meeting>(
    connection,
    `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
     FROM ${from} ORDER BY m.newest DESC LIMIT ${place(most)}`,
    values,
  );
}

async function countUpTo(
  connection: Connection,
  condition: string,
  values: readonly unknown[],
  most: number,
): Promise<number> {
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM meetings m WHERE ${condition} LIMIT ${most}) AS met`;
  const [counted] = await rows<{ n: number }>(connection, sql, [...values]);
  return counted?.n ?? 0;
}
