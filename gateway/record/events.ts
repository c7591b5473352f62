/** Turns what happened into rows of the record: one function for each of the five events. */
import type { AuditOutcome, AuditPerson, NewAuditEvent } from '../../audit-store/index.ts';
import type { Person } from '../../policy/index.ts';
import { sessionEndRecord, type ActAsSession, type EndedSession } from '../sessions/index.ts';

/** The HTTP side of an event; null where it was none. */
export type HttpFacts = {
  readonly method: string;
  readonly path: string;
  readonly statusCode: number | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
};

export type Details = NewAuditEvent['details'];

export function startEvent(
  session: ActAsSession,
  http: HttpFacts,
  outcome: AuditOutcome,
  details: Details = {},
): NewAuditEvent {
  const { reason } = session;
  return { ...base(session, http), event: 'start', outcome, action: 'start_acting', reason, details };
}

/** @param by the person who ended someone else's session, if anyone did. */
export function endEvent(ended: EndedSession, http: HttpFacts | null, by: Person | null): NewAuditEvent {
  const { event, action } = sessionEndRecord(ended.why);
  return {
    ...base(ended.session, event === 'stop' ? http : null),
    event,
    outcome: 'ok',
    action,
    details: {
      // A timeout is noticed a little after the fact.
      ...(event === 'expired' ? { ended_at: new Date(ended.endedAt).toISOString() } : {}),
      ...(by === null ? {} : { by_id: by.id, by_name: by.name }),
    },
  };
}

export function actionEvent(
  session: ActAsSession,
  http: HttpFacts,
  facts: { action: string | null; rule: string | null; outcome: AuditOutcome; details: Details },
): NewAuditEvent {
  return { ...base(session, http), event: 'action', ...facts };
}

export function blockedEvent(
  session: ActAsSession,
  http: HttpFacts,
  facts: { action: string; rule: string | null; details: Details },
): NewAuditEvent {
  return { ...base(session, http), event: 'blocked', outcome: 'blocked', ...facts };
}

function base(session: ActAsSession, http: HttpFacts | null): NewAuditEvent {
  return {
    event: 'action',
    outcome: 'ok',
    sessionId: session.id,
    actor: auditPerson(session.actor),
    subject: auditPerson(session.subject),
    market: session.market,
    statusCode: http?.statusCode ?? null,
    method: http?.method ?? null,
    path: http?.path ?? null,
    action: null,
    reason: null,
    ipAddress: http?.ipAddress ?? null,
    userAgent: http?.userAgent ?? null,
    requestId: http?.requestId ?? null,
    rule: null,
    details: {},
  };
}

function auditPerson(person: Person): AuditPerson {
  return { id: person.id, name: person.name, email: person.email };
}
