/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import type { Bounds, Refs } from '../stretches.ts';
import { type Connection, rows } from './database.ts';

/** Their meetings in the filter's market, of its kinds and within the bounds, those that went on longest first; at most so many. */
export async function meetingsOf(
  connection: Connection,
  { actor, subject }: Refs,
  filter: AuditFilter,
  { low, high }: Bounds,
  most: number,
): Promise<readonly Meeting[]> {
  const values = [actor, subject, kindBits(filter), high, low - LAG, most];
  const market = filter.market ? 'AND m.market_id = $7' : '';
  return rows<Meeting>(
    connection,
    `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
     FROM meetings m WHERE m.actor_ref = ANY ($1::bigint[]) AND m.subject_ref = ANY ($2::bigint[])
       AND m.kinds & $3 <> 0 AND m.first <= $4 AND m.newest > $5 ${market}
     ORDER BY m.newest DESC LIMIT $6`,
    filter.market ? [...values, filter.market] : values,
  );
}
