/** An audit event for programs: the columns of the CSV by their names, and what only the record knows besides. */
import type { AuditEvent } from '../audit-store/index.ts';

export function eventJson(event: AuditEvent) {
  return {
    seq: event.seq,
    created_at: new Date(event.createdAt).toISOString(),
    event: event.event,
    outcome: event.outcome,
    status_code: event.statusCode,
    manager_name: event.actor.name,
    manager_email: event.actor.email,
    customer_name: event.subject.name,
    customer_email: event.subject.email,
    market_name: event.market?.name ?? null,
    method: event.method,
    path: event.path,
    action: event.action,
    reason: event.reason,
    ip_address: event.ipAddress,
    user_agent: event.userAgent,
    session_id: event.sessionId,
    request_id: event.requestId,
    rule: event.rule,
    details: event.details,
  };
}
