/** What the main thread asks of the thread that owns the writing connection, and what it hears back. */
import { z } from 'zod';
import type { KeptCheckpoint } from '../audit-store.ts';
import type { PendingEntry, WriteResult } from '../pending-entry.ts';
import type { PackedNotes } from './packed-notes.ts';

/** A list of entries as JSON: to write and read the text costs half of what copying the objects would. */
export const packEntries: (entries: readonly PendingEntry[]) => string = JSON.stringify;
export const unpackEntries: (packed: string) => readonly PendingEntry[] = JSON.parse;

export type WriterRequest =
  | { readonly kind: 'write'; readonly entries: ReturnType<typeof packEntries> }
  | { readonly kind: 'notes'; readonly blocks: readonly PackedNotes[] }
  | { readonly kind: 'checkpoint'; readonly checkpoint: KeptCheckpoint }
  /** `write`: also find out whether writing works. */
  | { readonly kind: 'probe'; readonly write: boolean };

export type WriterAnswer = readonly WriteResult[];

export const writerSetup = z.object({
  file: z.string(),
  busyTimeoutMs: z.number(),
  maxBytes: z.number().nullable(),
  instance: z.string(),
  /** Names this start of this instance; intents of other runs can have no end of their own any more. */
  run: z.string(),
});
export type WriterSetup = z.infer<typeof writerSetup>;
