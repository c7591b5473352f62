/** What the audit pages need from whoever mounts them: a record to read, and an answer to "who is asking?". */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditFilter, AuditLog, AuditStore } from '../audit-store/index.ts';
import type { Person, Policy } from '../policy/index.ts';

export type ReviewerAnswer =
  | { readonly kind: 'reviewer'; readonly person: Person; readonly sees: 'own_market' | 'every_market' }
  | { readonly kind: 'not_signed_in' }
  | { readonly kind: 'not_a_reviewer'; readonly person: Person }
  | { readonly kind: 'unavailable' };

/** Why a reviewer's request is turned away; whoever mounts the pages has the sentences for them. */
export type AdminRefusal =
  | 'not_signed_in' // 401
  | 'not_allowed' // 403
  | 'not_found' // 404
  | 'identity_unavailable' // 503
  | 'audit_unavailable'; // 503

export type LiveSession = {
  readonly id: string;
  readonly actor: { readonly name: string; readonly email: string };
  readonly subject: { readonly name: string; readonly email: string };
  readonly market: { readonly id: string; readonly name: string } | null;
  readonly reason: string | null;
  /** Milliseconds since the epoch, as are both expiries. */
  readonly startedAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
};

export type Market = { readonly name: string; readonly timezone: string };
export type Markets = ReadonlyMap<string, Market>;

export type PolicyInForce = {
  readonly policy: Policy;
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
  readonly loadedBy: 'start' | 'file' | 'signal';
  /** Why the newest text of the file is not in force, if it is not; a mistake a line. */
  readonly lastFailure: { readonly at: number; readonly report: string } | null;
};

/** One reading of the record, told when it is over; a download that broke off says so. */
export type AuditRead = {
  readonly by: Person;
  readonly what: 'page' | 'events' | 'export' | 'session';
  readonly filter: AuditFilter;
  readonly rows: number;
  readonly complete: boolean;
  readonly requestId: string;
};

export type AdminUiDeps = {
  readonly store: AuditStore;
  /** Asked anew for every request; a role that was taken away counts at once. */
  readonly reviewer: (request: FastifyRequest) => Promise<ReviewerAnswer>;
  /** Every market of the policy in force, by id. */
  readonly markets: () => Markets;
  readonly policyInForce: () => PolicyInForce;
  /** All live sessions; the pages show a reviewer only those of the markets they may see. */
  readonly liveSessions: () => Promise<readonly LiveSession[]>;
  /** Writes the refusal (a page or problem+json) and sends it. */
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, code: AdminRefusal) => unknown;
  /** Every read of the record is itself worth a line in the log. Must not throw. */
  readonly noteRead: (read: AuditRead) => void;
  /** Told of an answer that may take long; it is cut when the gateway stops. */
  readonly holdOpen: (response: ServerResponse) => void;
  /** Where the cause of a refusal goes, which no page tells. */
  readonly log: Pick<AuditLog, 'warn' | 'error'>;
  /** Milliseconds since the epoch. */
  readonly clock: { now(): number };
  /** A download whose reader takes nothing for this long is broken off; 30 seconds when absent. */
  readonly stallMs?: number;
};
