/** Reads pages of events, and everything of one session. */
import type { AuditFilter } from '../audit-store.ts';
import type { Connection } from './database.ts';
import { type PackedNotes, unpackNotes } from './packed-notes.ts';
import { eventQuery } from './event-query.ts';
import { BESIDE, EVENT_COLUMNS, type EventRow, toEvents } from '../event-rows.ts';
import type { EventPage, Page, SessionRecord } from './reader-messages.ts';

/** Newest first; `next` is the `beforeSeq` of the following page. */
export function readEvents(connection: Connection, filter: AuditFilter, page: Page): EventPage {
  const query = eventQuery(connection, filter, page);
  if (query === null) return { events: [], next: null };
  const rows = connection.prepare<[Record<string, unknown>], EventRow>(query.sql).all(query.values);
  const events = toEvents(rows.slice(0, page.limit));
  return { events, next: rows.length > events.length ? (events.at(-1)?.seq ?? null) : null };
}

/** Oldest first. */
export function readSession(connection: Connection, sessionId: string): SessionRecord {
  const rows = connection
    .prepare<[string], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
       WHERE e.kind = 'event' AND e.session_id = ? ORDER BY e.seq`,
    )
    .all(sessionId);
  const blocks = connection
    .prepare<[string], Pick<PackedNotes, 'sessionId' | 'firstAt' | 'packed'>>(
      'SELECT session_id AS sessionId, first_at AS firstAt, packed FROM traces WHERE session_id = ? ORDER BY id',
    )
    .all(sessionId);
  return { events: toEvents(rows), decisions: blocks.flatMap(unpackNotes) };
}
