/** Finds what began and has no end on the record and nobody left to give it one, as recovery asks for it. */
import type { AuditEvent } from '../audit-store.ts';
import { BESIDE, type EventRow, toEvents } from '../event-rows.ts';
import type { OpenEnds } from '../recover.ts';
import { type Connection, rows } from './database.ts';
import { EVENT_COLUMNS } from './event-rows.ts';

const PAGE = 500;

const OPEN_INTENT = `e.kind = 'intent' AND NOT EXISTS (SELECT 1 FROM entries c WHERE c.completes = e.seq)`;
const OPEN_START = `e.kind = 'event' AND e.event = 'start' AND NOT EXISTS (SELECT 1 FROM entries x
  WHERE x.session_id = e.session_id AND x.kind = 'event' AND x.event IN ('stop', 'expired'))`;

/**
 * Intents of living runs may still be completed by whoever wrote them. Sessions are looked for only up to `upTo`, the
 * last entry before anybody asked which of them live: what a sister started since is not judged by that answer.
 */
export function openEnds(connection: Connection, living: readonly string[], upTo: number): OpenEnds {
  const page = async (condition: string, after: number, bound: unknown): Promise<readonly AuditEvent[]> => {
    const sql = `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
      WHERE e.seq > $1 AND ${condition} ORDER BY e.seq LIMIT ${PAGE}`;
    return toEvents(await rows<EventRow>(connection, sql, [after, bound]));
  };
  const number = async (sql: string, ...values: number[]): Promise<number | null> =>
    (await rows<{ n: number | null }>(connection, sql, values))[0]?.n ?? null;

  return {
    openIntents: (run, after) =>
      page(`${OPEN_INTENT} AND e.body::jsonb ->> 'run' <> ALL ($2::text[])`, after, [...living, run]),
    openSessions: (after) => page(`${OPEN_START} AND e.seq <= $2`, after, upTo),
    async marks() {
      const settled =
        (await number(
          `SELECT (body::jsonb ->> 'settled')::bigint AS n FROM entries
           WHERE kind = 'recovery' AND kind <> 'event' ORDER BY seq DESC LIMIT 1`,
        )) ?? 0;
      const firsts = [];
      for (const open of [OPEN_INTENT, OPEN_START])
        firsts.push(
          await number(
            `SELECT e.seq AS n FROM entries e WHERE e.seq > $1 AND ${open} ORDER BY e.seq LIMIT 1`,
            settled,
          ),
        );
      const open = firsts.filter((seq) => seq !== null);
      const last = (await number('SELECT max(seq) AS n FROM entries')) ?? 0;
      return { settled, firstOpen: open.length === 0 ? null : Math.min(...open), last };
    },
  };
}
