/** Locks the subject's cart or gives it back: announced on the record, done, and its end recorded, as any write in the seat. */
import { AuditUnavailableError, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import { recordEndOf } from '../record/completion.ts';
import { actionEvent, type HttpFacts } from '../record/events.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { sessionEnded } from '../session-ended.ts';
import { SessionsUnavailableError, type ActAsSession } from '../sessions/index.ts';

/** @param http what is recorded of the request; its status is what is answered where it was done */
export async function lockCart(
  session: ActAsSession,
  locked: boolean,
  http: HttpFacts,
  parts: Parts,
): Promise<ActAsSession | Refusal> {
  const action = locked ? 'lock_cart' : 'unlock_cart';
  const done = actionEvent(session, http, { action, rule: null, outcome: 'ok', details: {} });
  const failed = (statusCode: number | null, details: NewAuditEvent['details'] = {}): NewAuditEvent => ({
    ...done,
    outcome: 'error',
    statusCode,
    details,
  });
  const intent = await announce(failed(null), parts);
  if (intent === null) return refusal('audit_unavailable');
  const now = parts.clock.now();
  let changed: ActAsSession | null;
  try {
    changed = await parts.sessions.change(session.id, { locked }, now);
  } catch (error) {
    // A store that does not answer in time may do it all the same.
    const why = nobodyKnows();
    await recordEndOf(intent, failed(why.status, { note: 'the outcome is unknown' }), parts);
    if (error instanceof SessionsUnavailableError) return why;
    throw error;
  }
  if (changed === null) {
    const why = sessionEnded(session, null, parts.policy().settings);
    await recordEndOf(intent, failed(why.status, { note: 'it was not done' }), parts);
    return why;
  }
  await recordEndOf(intent, done, parts);
  await touch(session, now, parts);
  return changed;
}

const nobodyKnows = (): Refusal =>
  refusal('sessions_unavailable', {
    detail:
      'Act-as sessions cannot be checked at the moment, so nobody can say whether the cart is locked now.',
  });

/** Null where the record does not take it. */
async function announce(event: NewAuditEvent, parts: Parts): Promise<number | null> {
  try {
    return await parts.audit.intend(event);
  } catch (error) {
    if (error instanceof AuditUnavailableError) return null;
    throw error;
  }
}

/** It counts as activity; where that cannot be kept, the session ends a little sooner. */
async function touch({ id, tokenHash }: ActAsSession, now: number, parts: Parts): Promise<void> {
  try {
    await parts.sessions.commit(tokenHash, now, true);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
    parts.log.warn({ session_id: id }, 'locking a cart, or giving it back, did not count as activity');
  }
}
