/** What a receiver is told of an event: the fields of its row, without where people were and with which browser. */
import type { AuditEvent } from '../../audit-store/index.ts';

/** The same for every attempt, so that a receiver knows what it has had. */
export function deliveryId(event: AuditEvent): string {
  return `evt_${event.seq}_${event.hash.slice(0, 16)}`;
}

export function eventPayload(event: AuditEvent): string {
  return JSON.stringify({
    type: `act_as.${event.event}`,
    timestamp: new Date(event.createdAt).toISOString(),
    data: {
      seq: event.seq,
      event: event.event,
      outcome: event.outcome,
      action: event.action,
      session_id: event.sessionId,
      actor: event.actor,
      subject: event.subject,
      market: event.market,
      status_code: event.statusCode,
      method: event.method,
      path: event.path,
      reason: event.reason,
      request_id: event.requestId,
      rule: event.rule,
      details: event.details,
    },
  });
}
