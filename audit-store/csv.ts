/** Every event that matches a filter as one CSV file, streamed: fifteen columns, RFC 4180, formulas disarmed. */
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { AuditEvent, AuditFilter, AuditStore } from './audit-store.ts';
import { disarmed } from './disarmed.ts';

const COLUMNS: Readonly<Record<string, (event: AuditEvent) => string | number | null>> = {
  created_at: (event) => new Date(event.createdAt).toISOString(),
  event: (event) => event.event,
  outcome: (event) => event.outcome,
  status_code: (event) => event.statusCode,
  manager_name: (event) => event.actor.name,
  manager_email: (event) => event.actor.email,
  customer_name: (event) => event.subject.name,
  customer_email: (event) => event.subject.email,
  market_name: (event) => event.market?.name ?? null,
  method: (event) => event.method,
  path: (event) => event.path,
  action: (event) => event.action,
  reason: (event) => event.reason,
  ip_address: (event) => event.ipAddress,
  user_agent: (event) => event.userAgent,
};

export type CsvOptions = {
  /** The export ends with an error when its reader takes nothing for this long, in milliseconds; 30,000 when absent. */
  readonly stallMs?: number;
};

const CELLS = Object.values(COLUMNS);
const PAGE = 500;

type Page = Awaited<ReturnType<AuditStore['events']>>;

/**
 * Newest first, UTF-8, lines ended by CRLF. Pages are fetched only as fast as they are read; a reader that went away
 * has to destroy the stream. Errors of the store destroy it with that error.
 */
export function exportCsv(
  store: Pick<AuditStore, 'events'>,
  filter: AuditFilter,
  options: CsvOptions = {},
): Readable {
  const stallMs = options.stallMs ?? 30_000;
  let stall: NodeJS.Timeout | undefined;
  /** The page that is being fetched while the one before is written; null at the end. */
  let upcoming: Promise<Page> | null = null;
  let isFirst = true;

  function fetchPage(beforeSeq: number | null): Promise<Page> {
    const page = store.events(filter, { limit: PAGE, ...(beforeSeq === null ? {} : { beforeSeq }) });
    // Whoever takes the page hears of its failure; if nobody does any more, nobody needs to.
    page.catch(() => undefined);
    return page;
  }

  async function chunk(): Promise<string> {
    if (isFirst) upcoming = fetchPage(null);
    const page = await upcoming;
    if (page === null) return '';
    upcoming = page.next === null ? null : fetchPage(page.next);
    const rows = page.events.map((event) => CELLS.map((cell) => disarmed(cell(event))));
    const text = lines(isFirst ? [Object.keys(COLUMNS), ...rows] : rows);
    isFirst = false;
    return text;
  }

  async function deliver(stream: Readable): Promise<void> {
    try {
      const text = await chunk();
      if (stream.destroyed) return;
      // Until the reader has taken this, nobody asks again; at the end nobody asks at all.
      stall = setTimeout(() => {
        stream.destroy(new Error(`the export's reader took nothing for ${stallMs} ms`));
      }, stallMs);
      stream.push(text === '' ? null : text);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return new Readable({
    read() {
      clearTimeout(stall);
      void deliver(this);
    },
    destroy(error, done) {
      clearTimeout(stall);
      done(error);
    },
  });
}

function lines(rows: readonly (readonly (string | number | null)[])[]): string {
  // A disarmed cell is quoted as well; the rest only where RFC 4180 needs it.
  return stringify([...rows], { record_delimiter: '\r\n', quoted_match: /^'|\r|\n/ });
}
