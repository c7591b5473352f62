/** Brings the facts of an audit event within bounds before they are written (ASVS 16.4.1: no log injection). */
import type { AuditPerson, DecisionNote, NewAuditEvent } from './audit-store.ts';
import { boundedBytes, boundedText } from './clean-text.ts';

const PATH_BYTES = 2048;
const USER_AGENT = 256;
const REASON = 500;
const NAME = 320;
const WORD = 200;
const DETAIL = 1000;
const DETAILS = 64;

export function cleanEvent(event: NewAuditEvent): NewAuditEvent {
  return {
    event: event.event,
    outcome: event.outcome,
    sessionId: boundedText(event.sessionId, WORD),
    actor: cleanPerson(event.actor),
    subject: cleanPerson(event.subject),
    market: event.market && {
      id: boundedText(event.market.id, WORD),
      name: boundedText(event.market.name, NAME),
    },
    statusCode: Number.isInteger(event.statusCode) ? event.statusCode : null,
    method: orNull(event.method, WORD),
    path: event.path === null ? null : boundedBytes(event.path, PATH_BYTES),
    action: orNull(event.action, WORD),
    reason: orNull(event.reason, REASON),
    ipAddress: orNull(event.ipAddress, WORD),
    userAgent: orNull(event.userAgent, USER_AGENT),
    requestId: orNull(event.requestId, WORD),
    rule: orNull(event.rule, WORD),
    details: cleanDetails(event.details),
  };
}

export function cleanNote(note: DecisionNote): DecisionNote {
  return {
    at: note.at,
    sessionId: boundedText(note.sessionId, WORD),
    side: note.side,
    requestId: boundedText(note.requestId, WORD),
    method: boundedText(note.method, WORD),
    path: boundedBytes(note.path, PATH_BYTES),
    effect: boundedText(note.effect, WORD),
    rule: orNull(note.rule, WORD),
    reason: boundedText(note.reason, WORD),
    statusCode: note.statusCode,
  };
}

function cleanPerson(person: AuditPerson): AuditPerson {
  return {
    id: boundedText(person.id, WORD),
    name: boundedText(person.name, NAME),
    email: boundedText(person.email, NAME),
  };
}

function cleanDetails(details: NewAuditEvent['details']): NewAuditEvent['details'] {
  const kept = Object.entries(details).slice(0, DETAILS);
  const clean = kept.map(([key, value]) => [boundedText(key, WORD), cleanDetail(value)] as const);
  // The chain wants them sorted, and whoever writes it should have nothing left to do.
  return Object.fromEntries(
    clean.length < 2 ? clean : clean.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
  );
}

function cleanDetail(value: string | number | boolean | null): string | number | boolean | null {
  if (typeof value === 'string') return boundedText(value, DETAIL);
  if (typeof value === 'boolean' || value === null) return value;
  // JSON has one zero; what is answered must be what is read back.
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  // What JSON does not have is kept as the word for it: one odd value must not fail the group it is written with.
  return String(value);
}

function orNull(text: string | null, max: number): string | null {
  return text === null ? null : boundedText(text, max);
}
