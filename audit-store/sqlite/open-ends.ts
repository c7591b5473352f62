/** Finds what began and has no end on the record: intents nobody completed, sessions nobody ended. */
import type { AuditEvent } from '../audit-store.ts';
import type { Connection } from './database.ts';
import { BESIDE, EVENT_COLUMNS, type EventRow, toEvents } from '../event-rows.ts';
import type { Marks } from '../recover.ts';

const PAGE = 500;

const OPEN_INTENT = `e.kind = 'intent' AND NOT EXISTS (SELECT 1 FROM entries c WHERE c.completes = e.seq)`;
const OPEN_START = `e.kind = 'event' AND e.event = 'start' AND NOT EXISTS (SELECT 1 FROM entries x
  WHERE x.session_id = e.session_id AND x.kind = 'event' AND x.event IN ('stop', 'expired'))`;

/** Intents of other runs than `run`: those of this one may still be completed by whoever wrote them. */
export function openIntents(connection: Connection, run: string, after: number): readonly AuditEvent[] {
  const rows = connection
    .prepare<[number, string], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
       WHERE e.seq > ? AND ${OPEN_INTENT} AND e.body ->> '$.run' <> ? ORDER BY e.seq LIMIT ${PAGE}`,
    )
    .all(after, run);
  return toEvents(rows);
}

export function openSessions(connection: Connection, after: number): readonly AuditEvent[] {
  const rows = connection
    .prepare<[number], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
       WHERE e.seq > ? AND ${OPEN_START} ORDER BY e.seq LIMIT ${PAGE}`,
    )
    .all(after);
  return toEvents(rows);
}

export function marks(connection: Connection): Marks {
  const number = (sql: string, ...values: number[]): number | null => {
    const value = connection
      .prepare(sql)
      .pluck()
      .get(...values);
    return typeof value === 'number' ? value : null;
  };
  const settled =
    number(
      "SELECT body ->> '$.settled' FROM entries WHERE kind = 'recovery' AND kind <> 'event' ORDER BY seq DESC LIMIT 1",
    ) ?? 0;
  const firsts = [OPEN_INTENT, OPEN_START].map((open) =>
    number(`SELECT e.seq FROM entries e WHERE e.seq > ? AND ${open} ORDER BY e.seq LIMIT 1`, settled),
  );
  const open = firsts.filter((seq) => seq !== null);
  const last = number('SELECT max(seq) FROM entries') ?? 0;
  return { settled, firstOpen: open.length === 0 ? null : Math.min(...open), last };
}
