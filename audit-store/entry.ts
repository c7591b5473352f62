/** The canonical form of one entry of the chain: which facts it carries, under which names. */
import { z } from 'zod';
import type { AuditEvent, AuditPerson, NewAuditEvent } from './audit-store.ts';
import type { Json } from './canonical-json.ts';
import type { WrittenBy } from './chain-head.ts';
import { EVENT_NAMES, OUTCOMES } from './event-names.ts';

/*
 * An entry's canonical form is RFC 8785 JSON of an object that always has `v` (1), `seq`, `at` (ms UTC), `kind`,
 * `instance` (which gateway) and `run` (which start of it). Kinds `intent` and `event` have all of the members below,
 * null where there is nothing to say; people and where they came from stand as commitments (lower-case hex, see
 * commitment.ts) over `{email,id,name}` and `{ip_address,person_id,user_agent}`. Kind `recovery` has `intents` and
 * `sessions`, how many were completed and ended after a restart, and `settled`, the seq up to which nothing is open.
 * Kind `policy` has `hash`, `loaded_by` and `problem`: which rules are in force from here on, or were refused.
 * Kinds `erasure`, `pruning` and `rotation` have the members that maintenance.ts names. The hash of an entry is SHA-256(hash before ‖ canonical form), see chain.ts.
 */

const committedPerson = z.object({ id: z.string(), commitment: z.string() });

const eventShape = z.object({
  seq: z.number(),
  at: z.number(),
  event: z.enum(EVENT_NAMES),
  outcome: z.enum(OUTCOMES),
  session_id: z.string(),
  actor: committedPerson,
  subject: committedPerson,
  market: z.object({ id: z.string(), name: z.string() }).nullable(),
  status_code: z.number().nullable(),
  method: z.string().nullable(),
  path: z.string().nullable(),
  action: z.string().nullable(),
  reason: z.string().nullable(),
  origin: z.string().nullable(),
  request_id: z.string().nullable(),
  rule: z.string().nullable(),
  completes: z.number().nullable(),
  // z.record would leave out a member that is called __proto__, which the hash covers.
  details: z.custom<NewAuditEvent['details']>(isDetails, 'must have plain values only'),
});

/** What stands beside the chain for one entry; null where it was blanked or never was. */
export type Beside = {
  readonly actorName: string | null;
  readonly actorEmail: string | null;
  readonly subjectName: string | null;
  readonly subjectEmail: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/** In lower-case hex. */
export type Commitments = {
  readonly actor: string;
  readonly subject: string;
  readonly origin: string | null;
};

/** What every entry has. */
export type Stamp = {
  readonly v: 1;
  readonly seq: number;
  /** Milliseconds UTC. */
  readonly at: number;
  readonly kind: string;
} & WrittenBy;

function isDetails(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((member) => typeof member !== 'object' || member === null);
}

/** An intent or event, as it is hashed; in the order of canonical JSON, so that nothing is left to sort. */
export function eventBody(stamp: Stamp, event: NewAuditEvent, by: Commitments, completes: number | null) {
  return {
    action: event.action,
    actor: { commitment: by.actor, id: event.actor.id },
    at: stamp.at,
    completes,
    details: event.details,
    event: event.event,
    instance: stamp.instance,
    kind: stamp.kind,
    market: event.market && { id: event.market.id, name: event.market.name },
    method: event.method,
    origin: by.origin,
    outcome: event.outcome,
    path: event.path,
    reason: event.reason,
    request_id: event.requestId,
    rule: event.rule,
    run: stamp.run,
    seq: stamp.seq,
    session_id: event.sessionId,
    status_code: event.statusCode,
    subject: { commitment: by.subject, id: event.subject.id },
    v: stamp.v,
  } satisfies Json;
}

/** What the commitment of a person covers. */
export function personFacts(person: AuditPerson) {
  return { id: person.id, name: person.name, email: person.email } satisfies Json;
}

/** What the commitment of an origin covers; `personId` is the actor's, so that theirs can be blanked alone. */
export function originFacts(personId: string, ipAddress: string | null, userAgent: string | null) {
  return { person_id: personId, ip_address: ipAddress, user_agent: userAgent } satisfies Json;
}

/** Reads an intent or event back. Erased people keep their id and have an empty name and e-mail. */
export function readEvent(body: string, hash: Buffer, beside: Beside): AuditEvent {
  const read = eventShape.parse(JSON.parse(body));
  return {
    seq: read.seq,
    createdAt: read.at,
    hash: hash.toString('hex'),
    event: read.event,
    outcome: read.outcome,
    sessionId: read.session_id,
    actor: { id: read.actor.id, name: beside.actorName ?? '', email: beside.actorEmail ?? '' },
    subject: { id: read.subject.id, name: beside.subjectName ?? '', email: beside.subjectEmail ?? '' },
    market: read.market,
    statusCode: read.status_code,
    method: read.method,
    path: read.path,
    action: read.action,
    reason: read.reason,
    ipAddress: beside.ipAddress,
    userAgent: beside.userAgent,
    requestId: read.request_id,
    rule: read.rule,
    details: read.details,
  };
}
