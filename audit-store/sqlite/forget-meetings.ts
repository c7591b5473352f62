/** Forgets who dealt with whom, and by which kinds of events, where no entry says so any more. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MeetingRow } from '../meetings.ts';
import { beginning } from './chain-end.ts';
import type { Connection } from './database.ts';
import { MEETINGS_OF } from './meeting-tables.ts';

/** Rows changed in one transaction; a gateway waits meanwhile. */
const AT_ONCE = 500;
/** And then it has its turn, milliseconds. */
const PAUSE_MS = 25;

/**
 * Which rows say too much is read at leisure; before each is changed the entries that were added meanwhile are looked
 * at, because the two may have met again. What a row lacks it goes on lacking, so that verifying finds it.
 */
export async function forgetMeetings(connection: Connection): Promise<void> {
  const look = connection.transaction(() => ({
    last: Number(connection.prepare('SELECT coalesce(max(seq), 0) FROM entries').pluck().get()),
    stale: connection
      .prepare<[], MeetingRow>(
        `SELECT m.actor_ref, m.subject_ref, m.market_id, coalesce(said.kinds, 0) AS kinds FROM meetings m
         LEFT JOIN (${MEETINGS_OF('true')}) AS said USING (actor_ref, subject_ref, market_id)
         WHERE m.kinds & ~coalesce(said.kinds, 0)`,
      )
      .all(),
  }));
  const { last, stale } = look();
  const since = connection.prepare<[number], MeetingRow>(MEETINGS_OF('seq > ?'));
  const keep = connection.prepare<[number, number, number, string]>(
    'UPDATE meetings SET kinds = kinds & ? WHERE actor_ref = ? AND subject_ref = ? AND market_id = ?',
  );
  const remove = connection.prepare<[number, number, string]>(
    'DELETE FROM meetings WHERE kinds = 0 AND actor_ref = ? AND subject_ref = ? AND market_id = ?',
  );
  const some = connection.transaction((part: readonly MeetingRow[]) => {
    const met = new Map(since.all(last).map((row) => [keyOf(row), row.kinds]));
    for (const row of part) {
      const { actor_ref, subject_ref, market_id, kinds } = row;
      keep.run(kinds | (met.get(keyOf(row)) ?? 0), actor_ref, subject_ref, market_id);
      remove.run(actor_ref, subject_ref, market_id);
    }
  });
  for (let from = 0; from < stale.length; from += AT_ONCE) {
    some.immediate(stale.slice(from, from + AT_ONCE));
    await sleep(PAUSE_MS);
  }
  await forgetBeginnings(connection);
}

/** Of those who met before what is left, and again since, it is not told that they did. */
async function forgetBeginnings(connection: Connection): Promise<void> {
  const first = beginning(connection).seq + 1;
  const some = connection.prepare<[{ first: number; most: number }]>(
    `UPDATE meetings SET first = @first WHERE (actor_ref, subject_ref, market_id) IN
     (SELECT actor_ref, subject_ref, market_id FROM meetings WHERE first < @first LIMIT @most)`,
  );
  while (some.run({ first, most: AT_ONCE }).changes === AT_ONCE) await sleep(PAUSE_MS);
}

function keyOf({ actor_ref, subject_ref, market_id }: MeetingRow): string {
  return JSON.stringify([actor_ref, subject_ref, market_id]);
}
