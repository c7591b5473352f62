/** Events to write in tests: a whole one, of which each test names what it cares about. */
import type { DecisionNote, AuditPerson, NewAuditEvent } from '../../audit-store/index.ts';

export const mia: AuditPerson = { id: '1', name: 'Mia Moreno', email: 'mia@valley.example' };
export const max: AuditPerson = { id: '2', name: 'Max Hill', email: 'max@hill.example' };
export const sam: AuditPerson = { id: '10', name: 'Sam Éclair', email: 'sam@valley.example' };
export const hal: AuditPerson = { id: '20', name: 'Hal 100%_Ott', email: 'hal@hill.example' };

export const valley = { id: 'valley', name: 'Valley Market' };
export const hill = { id: 'hill', name: 'Hill Market' };

export function sampleEvent(facts: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return {
    event: 'action',
    outcome: 'ok',
    sessionId: 's1',
    actor: mia,
    subject: sam,
    market: valley,
    statusCode: 201,
    method: 'POST',
    path: '/api/orders',
    action: 'place_order',
    reason: null,
    ipAddress: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    requestId: 'r1',
    rule: 'place-order',
    details: { order_id: '17', total: 1250, paid: true, note: null },
    ...facts,
  };
}

export function startEvent(sessionId: string, facts: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return sampleEvent({
    event: 'start',
    sessionId,
    action: 'start_acting',
    reason: 'phone order',
    path: '/_act-as/sessions',
    rule: null,
    details: {},
    ...facts,
  });
}

export function sampleNote(facts: Partial<DecisionNote> = {}): DecisionNote {
  return {
    at: 1,
    sessionId: 's1',
    side: 'acting',
    requestId: 'r1',
    method: 'GET',
    path: '/market',
    effect: 'allow',
    rule: null,
    reason: 'otherwise_reads',
    statusCode: 200,
    ...facts,
  };
}
