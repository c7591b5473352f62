/** The end of what was written after its caller had been told that it could not be: nobody went on with it. */
import type { NewAuditEvent } from './audit-store.ts';
import type { PendingEntry } from './pending-entry.ts';

export type LateEnd = { readonly event: NewAuditEvent; readonly completes?: number };

/** Null where what was written says everything itself. */
export function endOfLate(entry: PendingEntry, seq: number): LateEnd | null {
  if (entry.kind === 'intent') {
    const details = { ...entry.event.details, note: 'the request was not sent' };
    return { event: { ...entry.event, event: 'action', outcome: 'error', details }, completes: seq };
  }
  if (entry.kind !== 'event' || entry.event.event !== 'start') return null;
  return {
    event: {
      ...entry.event,
      event: 'expired',
      action: 'start_not_confirmed',
      statusCode: null,
      reason: null,
      details: { note: 'the record answered too late; nobody acted' },
    },
  };
}
