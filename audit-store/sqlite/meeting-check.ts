/** Looks whether meetings tell of each event. */
import type { EntryRow } from '../check-entry.ts';
import { type Meeting, meetingMemory } from '../meetings.ts';
import type { Connection } from './database.ts';
import { MEETINGS_SINCE } from './meeting-tables.ts';
import { schemaVersion } from './migrations.ts';

/** For one walk; the answer is the seq of the first of these that none tells of. A record of an older version keeps no meetings. */
export function meetingChecker(connection: Connection): (rows: readonly EntryRow[]) => number | null {
  if (schemaVersion(connection) < MEETINGS_SINCE) return () => null;
  const memory = meetingMemory();
  const meeting = connection.prepare<(string | number | null)[], Meeting>(
    `SELECT actor_ref AS actor, subject_ref AS subject, market_id AS market, kinds, first, newest FROM meetings
     WHERE actor_ref = ? AND subject_ref = ? AND market_id = coalesce(?, '')`,
  );
  return (rows) => {
    const untold = memory.untold(rows);
    memory.learn(
      untold.flatMap(({ actor_ref, subject_ref, market_id }) =>
        meeting.all(actor_ref, subject_ref, market_id),
      ),
    );
    return memory.untold(untold)[0]?.seq ?? null;
  };
}
