/** Reads pages of events, and everything of one session. */
import type { AuditFilter, DecisionNote } from '../audit-store.ts';
import { MOST_DECISIONS, type EventPage, type Page, type SessionRecord } from '../event-page.ts';
import type { Connection } from './database.ts';
import { pageSeqs } from './event-query.ts';
import { type PackedNotes, unpackNotes } from './packed-notes.ts';
import { BESIDE, EVENT_COLUMNS, type EventRow, toEvents } from '../event-rows.ts';

/** Newest first; `next` is the `beforeSeq` of the following page. */
export function readEvents(connection: Connection, filter: AuditFilter, page: Page): EventPage {
  const seqs = pageSeqs(connection, filter, page);
  const shown = seqs.slice(0, page.limit);
  const rows = connection
    .prepare<[string], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM json_each(?) AS page CROSS JOIN entries e ON e.seq = page.value ${BESIDE}
       ORDER BY e.seq DESC`,
    )
    .all(JSON.stringify(shown));
  return { events: toEvents(rows), next: seqs.length > shown.length ? (shown.at(-1) ?? null) : null };
}

/** Oldest first. */
export function readSession(connection: Connection, sessionId: string): SessionRecord {
  const rows = connection
    .prepare<[string], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
       WHERE e.kind = 'event' AND e.session_id = ? ORDER BY e.seq`,
    )
    .all(sessionId);
  return { events: toEvents(rows), ...readDecisions(connection, sessionId) };
}

function readDecisions(
  connection: Connection,
  sessionId: string,
): Pick<SessionRecord, 'decisions' | 'decisionCount'> {
  const blocks = connection
    .prepare<[string], Pick<PackedNotes, 'sessionId' | 'firstAt' | 'packed'>>(
      'SELECT session_id AS sessionId, first_at AS firstAt, packed FROM traces WHERE session_id = ? ORDER BY id',
    )
    .iterate(sessionId);
  const decisions: DecisionNote[] = [];
  for (const block of blocks) {
    for (const note of unpackNotes(block)) decisions.push(note);
    if (decisions.length >= MOST_DECISIONS) break;
  }
  const counted = connection
    .prepare<[string], { all: number }>(
      'SELECT coalesce(sum(decisions), 0) AS "all" FROM traces WHERE session_id = ?',
    )
    .get(sessionId);
  return { decisions: decisions.slice(0, MOST_DECISIONS), decisionCount: counted?.all ?? 0 };
}
