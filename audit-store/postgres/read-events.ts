/** Reads pages of events, and everything of one session. */
import type { AuditFilter, DecisionNote } from '../audit-store.ts';
import { BESIDE, type EventRow, toEvents } from '../event-rows.ts';
import { MOST_DECISIONS, type EventPage, type Page, type SessionRecord } from '../event-page.ts';
import { type Connection, rows } from './database.ts';
import { pageSeqs } from './event-query.ts';
import { EVENT_COLUMNS } from './event-rows.ts';

/** Newest first; `next` is the `beforeSeq` of the following page. */
export async function readEvents(
  connection: Connection,
  filter: AuditFilter,
  page: Page,
): Promise<EventPage> {
  const seqs = await pageSeqs(connection, filter, page);
  const shown = seqs.slice(0, page.limit);
  const found = await rows<EventRow>(
    connection,
    `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE} WHERE e.seq = ANY ($1::bigint[]) ORDER BY e.seq DESC`,
    [shown],
  );
  return { events: toEvents(found), next: seqs.length > shown.length ? (shown.at(-1) ?? null) : null };
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
     FROM decisions WHERE session_id = $1 ORDER BY id LIMIT $2`,
    [sessionId, MOST_DECISIONS],
  );
  const [counted] = await rows<{ all: number }>(
    connection,
    'SELECT count(*) AS "all" FROM decisions WHERE session_id = $1',
    [sessionId],
  );
  return { events: toEvents(events), decisions, decisionCount: counted?.all ?? 0 };
}
