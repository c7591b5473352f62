/** Asks the reading thread, and gives each question an answer of its own kind. */
import type { AuditFilter, ChainHead } from '../audit-store.ts';
import type { CsvPage } from '../csv-lines.ts';
import type { EventPage, Page, SessionRecord } from '../event-page.ts';
import type { OpenEnds } from '../recover.ts';
import type { ReaderAnswer, ReaderRequest, ReaderSetup } from './reader-messages.ts';
import { workerLink } from '../worker-link.ts';

/** All but `start` and `close` reject with AuditUnavailableError when the record cannot be read. */
export type Reader = OpenEnds & {
  start(): Promise<void>;
  events(filter: AuditFilter, page: Page): Promise<EventPage>;
  csvLines(filter: AuditFilter, page: Page): Promise<CsvPage>;
  session(sessionId: string): Promise<SessionRecord>;
  head(): Promise<ChainHead>;
  close(): Promise<void>;
};

type Kind = ReaderAnswer['kind'];
type AnswerOf<K extends Kind> = Extract<ReaderAnswer, { kind: K }>;

export function openReader(setup: ReaderSetup): Reader {
  const link = workerLink<ReaderRequest, ReaderAnswer>(
    new URL('./reader-worker.ts', import.meta.url),
    setup,
    // An export makes much and keeps nothing: a larger nursery only takes longer to fill.
    { maxYoungGenerationSizeMb: 16 },
  );

  async function ask<K extends Kind>(kind: K, request: ReaderRequest): Promise<AnswerOf<K>> {
    const answer = await link.ask(request);
    if (!isOfKind(answer, kind)) throw new TypeError(`asked for ${kind}, was told ${answer.kind}`);
    return answer;
  }

  return {
    start: () => link.start(),
    close: () => link.close(),
    events: async (filter, page) => (await ask('events', { kind: 'events', filter, page })).value,
    csvLines: async (filter, page) => (await ask('csv_lines', { kind: 'csv_lines', filter, page })).value,
    session: async (sessionId) => (await ask('session', { kind: 'session', sessionId })).value,
    openIntents: async (run, after) =>
      (await ask('open_intents', { kind: 'open_intents', run, after })).value,
    openSessions: async (after) => (await ask('open_sessions', { kind: 'open_sessions', after })).value,
    head: async () => (await ask('head', { kind: 'head' })).value,
    marks: async () => (await ask('marks', { kind: 'marks' })).value,
  };
}

function isOfKind<K extends Kind>(answer: ReaderAnswer, kind: K): answer is AnswerOf<K> {
  return answer.kind === kind;
}
