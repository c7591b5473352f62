/** Reads pages of events, and everything of one session. */
import type { AuditFilter, DecisionNote } from '../audit-store.ts';
import { BESIDE, type EventRow, toEvents } from '../event-rows.ts';
import type { EventPage, Page, SessionRecord } from '../sqlite/reader-messages.ts';
import { type Connection, rows } from './database.ts';
import { eventQuery } from './event-query.ts';
import { EVENT_COLUMNS } from './event-rows.ts';

/** Newest first; `next` is the `beforeSeq` of the following page. */
export async function readEvents(
  connection: Connection,
  filter: AuditFilter,
  page: Page,
): Promise<EventPage> {
  const query = await eventQuery(connection, filter, page);
  if (query === null) return { events: [], next: null };
  const found = await rows<EventRow>(connection, query.sql, query.values);
  const events = toEvents(found.slice(0, page.limit));
  return { events, next: found.length > events.length ? (events.at(-1)?.seq ?? null) : null };
}

/** Oldest first. */
export async function readSession(connection: Connection, sessionId: string): Promise<SessionRecord> {
  const events = await rows<EventRow>(
    connection,
    `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
     WHERE e.kind = 'event' AND e.session_id = $1 ORDER BY e.seq`,
    [sessionId],
  );
  const decisions = await rows<DecisionNote>(
    connection,
    `SELECT at, session_id AS "sessionId", side, request_id AS "requestId", method, path, effect, rule, reason,
       status_code AS "statusCode"
     FROM decisions WHERE session_id = $1 ORDER BY id`,
    [sessionId],
  );
  return { events: toEvents(events), decisions };
}
