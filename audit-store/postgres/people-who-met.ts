/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import type { Bounds, Search } from '../stretches.ts';
import { type Connection, rows } from './database.ts';

/** Whom a search finds: every ref where these are few enough to be listed, else null. */
export type Searched = Search & { readonly refs: readonly number[] | null };

/** So many meetings are gone through one by one. */
const ONE_BY_ONE = 20_000;

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
  const unread = searched.filter(({ refs }) => refs === null);
  if (unread.length > 0 && unread.length < searched.length) {
    const [counted] = await rows<{ n: number }>(
      connection,
      `SELECT count(*) AS n FROM (SELECT 1 FROM meetings m WHERE ${known} LIMIT ${ONE_BY_ONE + 1}) AS theirs`,
      [...values],
    );
    if ((counted?.n ?? 0) <= ONE_BY_ONE) {
      const theirs = `SELECT m.* FROM meetings m WHERE ${known} ORDER BY m.newest DESC OFFSET 0`;
      const others = unread.map(
        ({ side, needle }) =>
          `(SELECT strpos(p.search, ${place(needle)}) > 0 FROM people p WHERE p.ref = m.${side}_ref)`,
      );
      return read(`(${theirs}) AS m WHERE ${others.join(' AND ')}`);
    }
  }
  const found = unread.map(({ side, needle }) => {
    const refs = `SELECT p.ref FROM people p WHERE strpos(p.search, ${place(needle)}) > 0`;
    // As a list of their own they lead to the meetings by the index; as a join each meeting's person might be looked at.
    return side === 'subject' ? `m.subject_ref = ANY (ARRAY(${refs}))` : `m.actor_ref IN (${refs})`;
  });
  return read(`meetings m WHERE ${[known, ...found].join(' AND ')}`);

  function read(from: string): Promise<readonly Meeting[]> {
    return rows<Meeting>(
      connection,
      `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
       FROM ${from} ORDER BY m.newest DESC LIMIT ${place(most)}`,
      values,
    );
  }
}
