/** The thread that owns the reading connection: searches and exports wait here and nowhere else. */
import { workerData } from 'node:worker_threads';
import type { DecisionNote } from '../audit-store.ts';
import { type Connection, openConnection } from './database.ts';
import { eventQuery } from './event-query.ts';
import { BESIDE, EVENT_COLUMNS, type EventRow, toEvents } from './event-rows.ts';
import { marks, openIntents, openSessions } from './open-ends.ts';
import {
  type EventPage,
  type ReaderAnswer,
  type ReaderRequest,
  readerSetup,
  type SessionRecord,
} from './reader-messages.ts';
import { serve } from './serve.ts';

const setup = readerSetup.parse(workerData);

serve<ReaderRequest, ReaderAnswer>(() => {
  // Opened by the first question: this thread starts beside the writer's, which may still be making the file.
  let opened: Connection | null = null;
  const connect = () => (opened ??= openConnection(setup.file, { readOnly: true, busyTimeoutMs: 1000 }));

  function events(connection: Connection, request: Extract<ReaderRequest, { kind: 'events' }>): EventPage {
    const query = eventQuery(connection, request.filter, request.page);
    if (query === null) return { events: [], next: null };
    const rows = connection.prepare<[Record<string, unknown>], EventRow>(query.sql).all(query.values);
    const page = toEvents(rows.slice(0, request.page.limit));
    return { events: page, next: rows.length > page.length ? (page.at(-1)?.seq ?? null) : null };
  }

  function session(connection: Connection, id: string): SessionRecord {
    const rows = connection
      .prepare<[string], EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM entries e ${BESIDE}
         WHERE e.kind = 'event' AND e.session_id = ? ORDER BY e.seq`,
      )
      .all(id);
    const decisions = connection
      .prepare<[string], DecisionNote>(
        `SELECT at, session_id AS sessionId, side, request_id AS requestId, method, path, effect, rule, reason,
           status_code AS statusCode
         FROM decisions WHERE session_id = ? ORDER BY id`,
      )
      .all(id);
    return { events: toEvents(rows), decisions };
  }

  return {
    handle(request) {
      const connection = connect();
      switch (request.kind) {
        case 'events':
          return { kind: 'events', value: events(connection, request) };
        case 'session':
          return { kind: 'session', value: session(connection, request.sessionId) };
        case 'open_intents':
          return { kind: 'open_intents', value: openIntents(connection, request.run, request.after) };
        case 'open_sessions':
          return { kind: 'open_sessions', value: openSessions(connection, request.after) };
        case 'marks':
          return { kind: 'marks', value: marks(connection) };
      }
    },
    close() {
      opened?.close();
    },
  };
});
