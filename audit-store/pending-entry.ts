/** What waits to be added to the chain, and what came of it. */
import type { NewAuditEvent, PolicyChange } from './audit-store.ts';

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
