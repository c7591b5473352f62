/** What the record promises, whatever database keeps it: append, read, never change. */
import type { CsvPage } from './csv-lines.ts';
import type { AuditEventName, AuditOutcome } from './event-names.ts';
import type { Turns } from './turns.ts';

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

/**
 * One decision made while acting or assisted: the finer trace, batched and lossy in a crash. Where some are missing a
 * note of the effect {@link LOST} says so, in place of those that were lost.
 */
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

/** The effect of a note that stands for decisions which are not in the trace; its reason says how many. */
export const LOST = 'lost';

/** A policy file was loaded, or refused and the one in force kept. */
export type PolicyChange = {
  /** Lower-case hex SHA-256 of the file's text. */
  readonly hash: string;
  readonly loaded_by: 'start' | 'file' | 'signal';
  /** Null when it is in force now; otherwise the first line of what is wrong with it. */
  readonly problem: string | null;
};

/** The end of the chain as it is on disk. */
export type ChainHead = {
  /** 0 for a record without entries. */
  readonly seq: number;
  /** Lower-case hex; of entry `seq`. */
  readonly hash: string;
  /** The seq of the newest checkpoint that is kept beside the chain; 0 when there is none. */
  readonly checkpointed: number;
};

/** A signed note (see checkpoint.ts) over the entries up to `seq`, whose hash is `hash`. */
export type KeptCheckpoint = {
  readonly seq: number;
  /** Lower-case hex. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly note: string;
};

export type StoreHealth = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Thrown by every method that must be durable and could not be. */
export class AuditUnavailableError extends Error {
  override readonly name: string = 'AuditUnavailableError';
}

/** There can be no record where it is to be, and nobody but the operator can change that: a folder that cannot be written. */
export class NoPlaceError extends AuditUnavailableError {
  override readonly name = 'NoPlaceError';
}

export interface AuditStore {
  /** Resolves once the note "this write is about to be forwarded" is on disk. The id goes into {@link append}. */
  intend(event: NewAuditEvent): Promise<number>;
  /**
   * Resolves once the event is on disk. `completes` names the intent whose end this is.
   * A second `start`, a second end (`stop` or `expired`) of one session, or a second completion of one intent resolves
   * to null and writes nothing. Rejects with RangeError when `completes` names no intent. What is resolved with is what
   * was written: texts within bounds, control and bidirectional characters made visible. What was rejected because the
   * disk took too long and is written all the same is given its end by the store: its caller has not gone on. What
   * `completes` an intent and was rejected is written, with the time at which it was asked, once the record is well again;
   * if the gateway ends before that, {@link recover} says that the outcome is unknown.
   */
  append(event: NewAuditEvent, completes?: number): Promise<AuditEvent | null>;
  /** Resolves once it is on the chain which rules are in force from here on. */
  policyChanged(change: PolicyChange): Promise<void>;
  /** Notes a decision; never waits, never throws. */
  note(note: DecisionNote): void;
  /** How many decisions were dropped since the store was opened, because they could not be written in time. */
  droppedNotes(): number;
  /** Newest first. `next` is the `beforeSeq` of the following page, or null at the end. `limit` 1 to 1000. */
  events(
    filter: AuditFilter,
    page: { readonly beforeSeq?: number; readonly limit: number },
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly next: number | null }>;
  /** The same page as lines of the CSV; see {@link CsvPage}. */
  csvLines(
    filter: AuditFilter,
    page: { readonly beforeSeq?: number; readonly limit: number },
  ): Promise<CsvPage>;
  /** Everything of one session, oldest first; of the decisions of its trace the first thousand, and how many there are. */
  session(sessionId: string): Promise<{
    readonly events: readonly AuditEvent[];
    readonly decisions: readonly DecisionNote[];
    readonly decisionCount: number;
  }>;
  /**
   * After a restart: completes every open intent of an earlier run as `action`/`error` with
   * `details.note = "the outcome is unknown"`, then ends as `expired` every session that is open on the record
   * and for which `isLive` says false (action `gateway_restarted`). Returns how many of each.
   */
  recover(isLive: (sessionId: string) => boolean): Promise<{ intents: number; sessions: number }>;
  head(): Promise<ChainHead>;
  /**
   * Keeps a checkpoint beside the chain; one that is not newer than the newest kept is dropped. Rejects with
   * AuditUnavailableError when it could not be kept, as when entry `seq` has another hash.
   */
  keepCheckpoint(checkpoint: KeptCheckpoint): Promise<void>;
  /**
   * Told whenever entries were added, by whichever gateway that shares the record, and when some may have been missed.
   * Returns the way to stop.
   */
  follow(listener: () => void): () => void;
  /** Who of the gateways that share the record does what; null where no other can share it. */
  turns(): Turns | null;
  health(): StoreHealth;
  close(): Promise<void>;
}
