/** Looks whether meetings tell of each event. */
import type { EntryRow } from '../check-entry.ts';
import { type Meeting, meetingMemory } from '../meetings.ts';
import { type Connection, rows } from './database.ts';
import { areMeetingsThere } from './meeting-fill.ts';

const THEIRS = `SELECT m.actor_ref AS actor, m.subject_ref AS subject, m.market_id AS market, m.kinds, m.first, m.newest
  FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])) AS k (actor, subject, market)
  JOIN meetings m ON m.actor_ref = k.actor AND m.subject_ref = k.subject AND m.market_id = k.market`;

/** For one walk; the answer is the seq of the first of these that none tells of. */
export function meetingChecker(
  connection: Connection,
): (entries: readonly EntryRow[]) => Promise<number | null> {
  const memory = meetingMemory();
  return async (entries) => {
    const untold = memory.untold(entries);
    if (untold.length === 0 || !(await areMeetingsThere(connection))) return null;
    memory.learn(
      await rows<Meeting>(connection, THEIRS, [
        untold.map(({ actor_ref }) => actor_ref),
        untold.map(({ subject_ref }) => subject_ref),
        untold.map(({ market_id }) => market_id ?? ''),
      ]),
    );
    return memory.untold(untold)[0]?.seq ?? null;
  };
}
