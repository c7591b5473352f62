/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import type { Bounds, Search } from '../stretches.ts';
import { type Connection, rows } from './database.ts';

/** Whom a search finds: every ref where these are few enough to have been read, else null. */
export type Searched = Search & { readonly refs: readonly number[] | null };

/** Their meetings in the filter's market, of its kinds and within the bounds, those that went on longest first; at most so many. */
export async function meetingsOf(
  connection: Connection,
  searched: readonly Searched[],
  filter: AuditFilter,
  { low, high }: Bounds,
  most: number,
): Promise<readonly Meeting[]> {
  const values: unknown[] = [kindBits(filter), high, low - LAG, most];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    'm.kinds & $1 <> 0 AND m.first <= $2 AND m.newest > $3',
    ...(filter.market ? [`m.market_id = ${place(filter.market)}`] : []),
    ...searched.map(({ side, needle, refs }) => {
      if (refs !== null) return `m.${side}_ref = ANY (${place(refs)}::bigint[])`;
      const found = `SELECT p.ref FROM people p WHERE strpos(p.search, ${place(needle)}) > 0`;
      // As a list of their own they lead to the meetings by the index; as a join each meeting's person might be looked at.
      return side === 'subject' ? `m.subject_ref = ANY (ARRAY(${found}))` : `m.actor_ref IN (${found})`;
    }),
  ];
  return rows<Meeting>(
    connection,
    `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
     FROM meetings m WHERE ${conditions.join(' AND ')} ORDER BY m.newest DESC LIMIT $4`,
    values,
  );
}
