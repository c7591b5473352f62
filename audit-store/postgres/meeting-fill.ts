/** Reads the meetings from a record that had entries before it kept any, a little at a time beside its writers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { alone } from './alone.ts';
import { beginning } from './chain-end.ts';
import { type Connection, rows } from './database.ts';
import { meetingsIn } from './meeting-tables.ts';
import type { Upkeep } from './upkeep.ts';

/** Entries that are read in one transaction; gateways that write wait meanwhile. */
const AT_ONCE = 5000;
/** And then they have their turn, milliseconds. */
const PAUSE_MS = 10;

const ARE_THERE = `SELECT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('meetings_subject') AND indisvalid) AS yes`;
const ADD = `INSERT INTO meetings AS m ${meetingsIn('entries', 'e.seq BETWEEN $1 AND $2')}
  ON CONFLICT (actor_ref, subject_ref, market_id) DO UPDATE SET kinds = m.kinds | excluded.kinds,
    first = least(m.first, excluded.first), newest = greatest(m.newest, excluded.newest)`;

/** Until they all are, nobody relies on them. */
export async function areMeetingsThere(connection: Connection): Promise<boolean> {
  return (await rows<{ yes: boolean }>(connection, ARE_THERE))[0]?.yes === true;
}

/** What was added since the table is there its trigger has noted. */
export const meetingFill: Upkeep = {
  patienceMs: 60_000,
  isDone: areMeetingsThere,
  async work(connection, signal) {
    const [last] = await rows<{ seq: number }>(connection, 'SELECT seq FROM written');
    const end = last?.seq ?? 0;
    for (let seq = (await beginning(connection)).seq + 1; seq <= end; seq += AT_ONCE) {
      const part = [seq, Math.min(seq + AT_ONCE - 1, end)];
      await alone(connection, () => connection.query(ADD, part));
      await sleep(PAUSE_MS, undefined, { signal });
    }
    await connection.query('ANALYZE meetings');
    await connection.query('CREATE INDEX meetings_subject ON meetings (subject_ref)');
  },
};
