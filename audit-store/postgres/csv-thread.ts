/** Asks for pages of the CSV in a thread of its own: millions of lines are made there, and requests go on meanwhile. */
import type { AuditFilter } from '../audit-store.ts';
import type { CsvPage } from '../csv-lines.ts';
import type { Page } from '../event-page.ts';
import { workerLink } from '../worker-link.ts';
import type { ConnectionOptions } from './database.ts';

export type CsvRequest = { readonly filter: AuditFilter; readonly page: Page };

/** The thread begins with the first question. */
export type CsvThread = {
  /** Rejects with AuditUnavailableError when the record cannot be read. */
  lines(filter: AuditFilter, page: Page): Promise<CsvPage>;
  close(): Promise<void>;
};

export function csvThread(options: ConnectionOptions): CsvThread {
  const link = workerLink<CsvRequest, CsvPage>(
    new URL('./csv-worker.ts', import.meta.url),
    options,
    // An export makes much and keeps nothing: a larger nursery only takes longer to fill.
    { maxYoungGenerationSizeMb: 8 },
  );
  return { lines: (filter, page) => link.ask({ filter, page }), close: () => link.close() };
}
