/** Every event that matches a filter as one CSV file, streamed. */
import { Readable } from 'node:stream';
import type { AuditFilter, AuditStore } from './audit-store.ts';
import { CSV_HEADER, type CsvPage } from './csv-lines.ts';

export type CsvOptions = {
  /** The export ends with an error when its reader takes nothing for this long, in milliseconds; 30,000 when absent. */
  readonly stallMs?: number;
};

const PAGE = 500;

/**
 * Newest first, UTF-8, lines ended by CRLF. Pages are fetched only as fast as they are read; a reader that went away
 * has to destroy the stream. Errors of the store destroy it with that error.
 */
export function exportCsv(
  store: Pick<AuditStore, 'csvLines'>,
  filter: AuditFilter,
  options: CsvOptions = {},
): Readable {
  const stallMs = options.stallMs ?? 30_000;
  let stall: NodeJS.Timeout | undefined;
  /** The page that is being fetched while the one before is written; null at the end. */
  let upcoming: Promise<CsvPage> | null = null;
  let isFirst = true;

  function fetchPage(beforeSeq: number | null): Promise<CsvPage> {
    const page = store.csvLines(filter, { limit: PAGE, ...(beforeSeq === null ? {} : { beforeSeq }) });
    // Whoever takes the page hears of its failure; if nobody does any more, nobody needs to.
    page.catch(() => undefined);
    return page;
  }

  async function chunk(): Promise<Buffer | null> {
    if (isFirst) upcoming = fetchPage(null);
    const page = await upcoming;
    if (page === null) return null;
    upcoming = page.next === null ? null : fetchPage(page.next);
    const parts = isFirst ? [Buffer.from(CSV_HEADER), page.lines] : [page.lines];
    isFirst = false;
    // Copied: what another thread handed over does not count as garbage of this one, and would pile up.
    return Buffer.concat(parts);
  }

  async function deliver(stream: Readable): Promise<void> {
    try {
      const next = await chunk();
      if (stream.destroyed) return;
      // Until the reader has taken this, nobody asks again; at the end nobody asks at all.
      stall = setTimeout(() => {
        stream.destroy(new Error(`the export's reader took nothing for ${stallMs} ms`));
      }, stallMs);
      stream.push(next);
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
