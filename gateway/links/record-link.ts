/** Puts what became of a link on the record. */
import { AuditUnavailableError, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';

/** False where the record did not take it. */
export async function recordLink(
  event: NewAuditEvent,
  parts: Pick<Parts, 'audit' | 'log'>,
): Promise<boolean> {
  try {
    await parts.audit.append(event);
    return true;
  } catch (error) {
    if (!(error instanceof AuditUnavailableError)) throw error;
    parts.log.error(
      { link: event.sessionId, action: event.action },
      'what became of a link is not on the record',
    );
    return false;
  }
}
