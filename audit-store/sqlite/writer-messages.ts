/** What the main thread asks of the thread that owns the writing connection, and what it hears back. */
import { z } from 'zod';
import type { KeptCheckpoint, NewAuditEvent, PolicyChange } from '../audit-store.ts';

/** One entry to be added; its texts are within bounds already. `at` is in milliseconds UTC. */
export type PendingEntry =
  | { readonly kind: 'intent'; readonly at: number; readonly event: NewAuditEvent }
  | {
      readonly kind: 'event';
      readonly at: number;
      readonly event: NewAuditEvent;
      readonly completes: number | null;
    }
  | {
      readonly kind: 'recovery';
      readonly at: number;
      readonly facts: { readonly intents: number; readonly sessions: number; readonly settled: number };
    }
  | { readonly kind: 'policy'; readonly at: number; readonly facts: PolicyChange };

export type WriteResult =
  | { readonly written: true; readonly seq: number; readonly hash: string }
  /** `repeated`: the session has such a row, or the intent its end; `no_such_intent`: `completes` names none. */
  | { readonly written: false; readonly why: 'repeated' | 'no_such_intent' };

export type WriterRequest =
  | { readonly kind: 'write'; readonly entries: readonly PendingEntry[] }
  | { readonly kind: 'notes'; readonly packed: string }
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
