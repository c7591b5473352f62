/** The thread that owns the reading connection: searches and exports wait here and nowhere else. */
import { workerData } from 'node:worker_threads';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';
import { readCsv } from './read-csv.ts';
import { readEvents, readSession } from './read-events.ts';
import { readHead } from './read-head.ts';
import { marks, openIntents, openSessions } from './open-ends.ts';
import { type ReaderAnswer, type ReaderRequest, readerSetup } from './reader-messages.ts';
import { serve } from '../serve.ts';

const setup = readerSetup.parse(workerData);

serve<ReaderRequest, ReaderAnswer>(() => {
  // Opened by the first question: this thread starts beside the writer's, which may still be making the file.
  let opened: Connection | null = null;
  const connect = () => (opened ??= openConnection(setup.file, { readOnly: true, busyTimeoutMs: 1000 }));

  return {
    handle(request) {
      const connection = connect();
      switch (request.kind) {
        case 'events':
          return { kind: 'events', value: readEvents(connection, request.filter, request.page) };
        case 'csv_lines':
          return { kind: 'csv_lines', value: readCsv(connection, request.filter, request.page) };
        case 'session':
          return { kind: 'session', value: readSession(connection, request.sessionId) };
        case 'open_intents':
          return { kind: 'open_intents', value: openIntents(connection, request.run, request.after) };
        case 'open_sessions':
          return { kind: 'open_sessions', value: openSessions(connection, request.after) };
        case 'head':
          return { kind: 'head', value: readHead(connection) };
        case 'marks':
          return { kind: 'marks', value: marks(connection) };
      }
    },
    handOver: (answer) => (answer.kind === 'csv_lines' ? [answer.value.lines.buffer] : []),
    close() {
      opened?.close();
    },
  };
}, describeFailure);
