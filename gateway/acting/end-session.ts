/** Ends a session once and writes its one row; ending works even while the record cannot be written. */
import { AuditUnavailableError, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Person } from '../../policy/index.ts';
import type { Parts } from '../parts.ts';
import { endEvent, type HttpFacts } from '../record/events.ts';
import type { EndedSession, SessionEnd } from '../sessions/index.ts';

/**
 * @param http the request that ended it, where a person did.
 * @param by who ended someone else's session.
 * @returns the ended session for the one caller that ended it, null for everyone else.
 */
export async function endSession(
  id: string,
  why: SessionEnd,
  http: HttpFacts | null,
  parts: Parts,
  by: Person | null = null,
): Promise<EndedSession | null> {
  const ended = await parts.sessions.end(id, why, parts.clock.now());
  if (ended !== null) await recordEnd(ended, http, by, parts);
  return ended;
}

export async function recordEnd(
  ended: EndedSession,
  http: HttpFacts | null,
  by: Person | null,
  parts: Parts,
): Promise<void> {
  parts.metrics.sessionEnded(ended.why);
  parts.log.info({ session_id: ended.session.id, why: ended.why }, 'act-as session ended');
  const event = endEvent(ended, http, by);
  try {
    await parts.audit.append(event);
  } catch (error) {
    if (!(error instanceof AuditUnavailableError)) throw error;
    // Stopping must always work; the row waits in memory and on standard error until the record takes it.
    parts.unrecordedEnds.push(event);
    parts.log.fatal(
      { session_id: event.sessionId, event: event.event, action: event.action },
      'end not yet on the record',
    );
  }
}

/** Claims what nobody asks for any more and writes what could not be written before. */
export async function sweep(parts: Parts): Promise<void> {
  for (const ended of await parts.sessions.sweep(parts.clock.now()))
    await recordEnd(ended, null, null, parts);
  while (parts.unrecordedEnds.length > 0 && parts.audit.health().ok) {
    const [event] = parts.unrecordedEnds;
    if (event === undefined || !(await recorded(event, parts))) return;
    parts.unrecordedEnds.shift();
  }
}

async function recorded(event: NewAuditEvent, parts: Parts): Promise<boolean> {
  try {
    await parts.audit.append(event);
    return true;
  } catch (error) {
    if (error instanceof AuditUnavailableError) return false;
    throw error;
  }
}
