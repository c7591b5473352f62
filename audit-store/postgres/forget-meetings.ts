/** Forgets who dealt with whom, and by which kinds of events, where no entry says so any more. */
import { alone } from './alone.ts';
import type { MeetingRow } from '../meetings.ts';
import { beginning } from './chain-end.ts';
import { type Connection, rows } from './database.ts';
import { meetingsIn } from './meeting-tables.ts';

/** Rows changed in one transaction; gateways wait meanwhile. */
const AT_ONCE = 500;

const STALE = `SELECT m.actor_ref, m.subject_ref, m.market_id, coalesce(said.kinds, 0) AS kinds FROM meetings m
  LEFT JOIN (${meetingsIn('entries', 'true')}) AS said USING (actor_ref, subject_ref, market_id)
  WHERE m.kinds & ~coalesce(said.kinds, 0) <> 0`;
const KEEP = `UPDATE meetings m SET kinds = m.kinds & (k.kinds | coalesce(since.kinds, 0))
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[]) AS k (actor_ref, subject_ref, market_id, kinds)
  LEFT JOIN (${meetingsIn('entries', 'e.seq > $5')}) AS since USING (actor_ref, subject_ref, market_id)
  WHERE m.actor_ref = k.actor_ref AND m.subject_ref = k.subject_ref AND m.market_id = k.market_id`;

const BEGIN_LATER = `UPDATE meetings SET first = $1 WHERE (actor_ref, subject_ref, market_id) IN
  (SELECT actor_ref, subject_ref, market_id FROM meetings WHERE first < $1 LIMIT $2)`;

/**
 * Which rows say too much is read at leisure; before they are changed the entries that were added meanwhile are looked
 * at, because the two may have met again. What a row lacks it goes on lacking, so that verifying finds it.
 */
export async function forgetMeetings(connection: Connection): Promise<void> {
  const [last] = await rows<{ seq: number }>(connection, 'SELECT seq FROM written');
  const stale = await rows<MeetingRow>(connection, STALE);
  for (let from = 0; from < stale.length; from += AT_ONCE) {
    const part = stale.slice(from, from + AT_ONCE);
    await alone(connection, async () => {
      await connection.query(KEEP, [
        part.map(({ actor_ref }) => actor_ref),
        part.map(({ subject_ref }) => subject_ref),
        part.map(({ market_id }) => market_id),
        part.map(({ kinds }) => kinds),
        last?.seq ?? 0,
      ]);
      await connection.query('DELETE FROM meetings WHERE kinds = 0');
    });
  }
  await forgetBeginnings(connection);
}

/** Of those who met before what is left, and again since, it is not told that they did. */
async function forgetBeginnings(connection: Connection): Promise<void> {
  const first = (await beginning(connection)).seq + 1;
  for (;;) {
    const { rowCount } = await alone(connection, () => connection.query(BEGIN_LATER, [first, AT_ONCE]));
    if (rowCount !== AT_ONCE) return;
  }
}
