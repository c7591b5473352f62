/** What the main thread asks of the thread that owns the reading connection, and what it hears back. */
import { z } from 'zod';
import type { AuditEvent, AuditFilter, ChainHead } from '../audit-store.ts';
import type { CsvPage } from '../csv-lines.ts';
import type { EventPage, Page, SessionRecord } from '../event-page.ts';
import type { Marks } from '../recover.ts';

export type ReaderRequest =
  | { readonly kind: 'events'; readonly filter: AuditFilter; readonly page: Page }
  | { readonly kind: 'csv_lines'; readonly filter: AuditFilter; readonly page: Page }
  | { readonly kind: 'session'; readonly sessionId: string }
  /** Intents of runs other than `run`, after `after`, that nothing completes; at most 500. */
  | { readonly kind: 'open_intents'; readonly run: string; readonly after: number }
  /** Sessions with a start, after `after`, and no end; at most 500. */
  | { readonly kind: 'open_sessions'; readonly after: number }
  | { readonly kind: 'head' }
  | { readonly kind: 'marks' };

/** Of the same kind as the request. */
export type ReaderAnswer =
  | { readonly kind: 'events'; readonly value: EventPage }
  | { readonly kind: 'csv_lines'; readonly value: CsvPage }
  | { readonly kind: 'session'; readonly value: SessionRecord }
  | { readonly kind: 'open_intents'; readonly value: readonly AuditEvent[] }
  | { readonly kind: 'open_sessions'; readonly value: readonly AuditEvent[] }
  | { readonly kind: 'head'; readonly value: ChainHead }
  | { readonly kind: 'marks'; readonly value: Marks };

export const readerSetup = z.object({ file: z.string() });
export type ReaderSetup = z.infer<typeof readerSetup>;
