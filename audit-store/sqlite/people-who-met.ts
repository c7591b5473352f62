/** Who of those whom two searches find ever dealt with each other. */
import type { AuditFilter } from '../audit-store.ts';
import { kindBits, LAG, type Meeting } from '../meetings.ts';
import { type Bounds, effort, type Refs, SAMPLED_ENTRIES, sampleOf, type Value } from '../stretches.ts';
import type { Connection } from './database.ts';

const BY = {
  actor: { other: 'subject', table: 'meetings AS m NOT INDEXED' },
  subject: { other: 'actor', table: 'meetings AS m INDEXED BY meetings_subject' },
} as const;

/** Their meetings in the filter's market, of its kinds and within the bounds, those that went on longest first; at most so many. */
export function meetingsOf(
  connection: Connection,
  refs: Refs,
  filter: AuditFilter,
  { low, high }: Bounds,
  most: number,
): readonly Meeting[] {
  const bySubject = roughCount(connection, 'subject', refs) < roughCount(connection, 'actor', refs);
  const side = bySubject ? 'subject' : 'actor';
  const { other, table } = BY[side];
  // By the plus sign the list is tested, and no index asked for each member of it.
  const sql = `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
    FROM json_each(?) AS found CROSS JOIN ${table}
    WHERE m.${side}_ref = found.value AND +m.${other}_ref IN (SELECT value FROM json_each(?))
      AND m.kinds & ? AND m.first <= ? AND m.newest > ? ${filter.market ? 'AND +m.market_id = ?' : ''}
    ORDER BY m.newest DESC LIMIT ?`;
  const values = [kindBits(filter), high, low - LAG, ...(filter.market ? [filter.market] : []), most];
  return connection
    .prepare<Value[], Meeting>(sql)
    .all(JSON.stringify(refs[side]), JSON.stringify(refs[other]), ...values);
}

/** How many meetings of one side there are to look through, about. */
function roughCount(connection: Connection, side: 'actor' | 'subject', refs: Refs): number {
  const values = refs[side].map((ref) => [ref]);
  const sample = sampleOf({ values });
  const some = connection
    .prepare<Value[], number>(
      `SELECT count(*) FROM (SELECT 1 FROM ${BY[side].table} WHERE m.${side}_ref = ? LIMIT ${SAMPLED_ENTRIES})`,
    )
    .pluck();
  const counted = sample.reduce((all, ref) => all + Number(some.get(...ref)), 0);
  return effort({ values }, sample, counted);
}
