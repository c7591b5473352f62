/** What the record promises, whatever database keeps it: append, read, never change. */

export type AuditEventName = 'start' | 'stop' | 'action' | 'blocked' | 'expired';
export type AuditOutcome = 'ok' | 'blocked' | 'error';

/** Someone whose particulars were erased keeps their id and has an empty name and e-mail. */
export type AuditPerson = { readonly id: string; readonly name: string; readonly email: string };

/** Facts of one audit event as its writer knows them; the store adds sequence, time and hash. */
export type NewAuditEvent = {
  readonly event: AuditEventName;
  readonly outcome: AuditOutcome;
  readonly sessionId: string;
  readonly actor: AuditPerson;
  readonly subject: AuditPerson;
  /** Market the session runs in: id for filters, name for people. */
  readonly market: { readonly id: string; readonly name: string } | null;
  /** HTTP status, or null when the event was not an HTTP call. */
  readonly statusCode: number | null;
  readonly method: string | null;
  /** Canonical path without query; at most 2 KiB is kept. */
  readonly path: string | null;
  readonly action: string | null;
  /** What the actor typed; only on `start`. */
  readonly reason: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** Id of the policy rule that decided, if one did. */
  readonly rule: string | null;
  /** Captured and explaining facts, e.g. `{order_id: "17"}` or `{note: "the outcome is unknown"}`. JSON scalars only. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

export type AuditEvent = NewAuditEvent & {
  /** Position in the record; strictly increasing, the paging cursor. */
  readonly seq: number;
  /** Milliseconds since the epoch, UTC. */
  readonly createdAt: number;
  /** Lower-case hex SHA-256 over this entry's canonical form and the entry before. */
  readonly hash: string;
};

/** All parts combine with AND; an absent one restricts nothing. */
export type AuditFilter = {
  /** Milliseconds since the epoch: from inclusive, before exclusive. */
  readonly from?: number;
  readonly before?: number;
  readonly event?: AuditEventName;
  readonly outcome?: AuditOutcome;
  /** Case-insensitive substring of name or e-mail; `%` and `_` are ordinary characters. */
  readonly manager?: string;
  readonly customer?: string;
  /** Market id. */
  readonly market?: string;
  readonly sessionId?: string;
};

/** One decision made while acting or assisted: the finer trace, batched and lossy in a crash. */
export type DecisionNote = {
  readonly at: number;
  readonly sessionId: string;
  readonly side: 'acting' | 'assisted';
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly effect: string;
  readonly rule: string | null;
  readonly reason: string;
  readonly statusCode: number | null;
};

/** A policy file was loaded, or refused and the one in force kept. */
export type PolicyChange = {
  /** Lower-case hex SHA-256 of the file's text. */
  readonly hash: string;
  readonly loaded_by: 'start' | 'file' | 'signal';
  /** Null when it is in force now; otherwise the first line of what is wrong with it. */
  readonly problem: string | null;
};

export type StoreHealth = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Thrown by every method that must be durable and could not be. */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
}

export interface AuditStore {
  /** Resolves once the note "this write is about to be forwarded" is on disk. The id goes into {@link append}. */
  intend(event: NewAuditEvent): Promise<number>;
  /**
   * Resolves once the event is on disk. `completes` names the intent whose end this is.
   * A second `start`, a second end (`stop` or `expired`) of one session, or a second completion of one intent resolves
   * to null and writes nothing. Rejects with RangeError when `completes` names no intent. What is resolved with is what
   * was written: texts within bounds, control and bidirectional characters made visible.
   */
  append(event: NewAuditEvent, completes?: number): Promise<AuditEvent | null>;
  /** Resolves once it is on the chain which rules are in force from here on. */
  policyChanged(change: PolicyChange): Promise<void>;
  /** Notes a decision; never waits, never throws. */
  note(note: DecisionNote): void;
  /** Newest first. `next` is the `beforeSeq` of the following page, or null at the end. `limit` 1 to 1000. */
  events(
    filter: AuditFilter,
    page: { readonly beforeSeq?: number; readonly limit: number },
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly next: number | null }>;
  /** Everything of one session, oldest first, decisions of its trace included. */
  session(
    sessionId: string,
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly decisions: readonly DecisionNote[] }>;
  /**
   * After a restart: completes every open intent of an earlier run as `action`/`error` with
   * `details.note = "the outcome is unknown"`, then ends as `expired` every session that is open on the record
   * and for which `isLive` says false (action `gateway_restarted`). Returns how many of each.
   */
  recover(isLive: (sessionId: string) => boolean): Promise<{ intents: number; sessions: number }>;
  health(): StoreHealth;
  close(): Promise<void>;
}
