/** Records that something with more than one meaning was sent from an acting browser, and that it went no further. */
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import type { Refusal } from '../refusal.ts';
import type { ActAsSession } from '../sessions/index.ts';
import { blockedEvent, type HttpFacts } from './events.ts';

/** @returns false where the record did not take it. */
export async function recordUnsettled(
  session: ActAsSession,
  why: Refusal,
  http: HttpFacts,
  parts: Parts,
): Promise<boolean> {
  const facts = { action: 'unsettled_request', rule: null, details: { why: why.fault } };
  try {
    await parts.blockedRows.append(blockedEvent(session, { ...http, statusCode: why.status }, facts));
    return true;
  } catch (error) {
    if (error instanceof AuditUnavailableError) return false;
    throw error;
  }
}
