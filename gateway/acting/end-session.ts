/** Ends a session once and writes its one row; ending works even while the record cannot be written. */
import type { AuditStore } from '../../audit-store/index.ts';
import type { Person } from '../../policy/index.ts';
import type { Parts } from '../parts.ts';
import { endEvent, type HttpFacts } from '../record/events.ts';
import { SessionsUnavailableError, type EndedSession, type SessionEnd } from '../sessions/index.ts';

/** What ending needs of the gateway. */
export type EndParts = Pick<Parts, 'sessions' | 'clock' | 'log' | 'metrics' | 'unrecordedEnds'> & {
  readonly audit: Pick<AuditStore, 'append'>;
};

/**
 * @param http the request that ended it, where a person did.
 * @param by who ended someone else's session.
 * @returns the ended session for the one caller that ended it, null for everyone else.
 */
export async function endSession(
  id: string,
  why: SessionEnd,
  http: HttpFacts | null,
  parts: EndParts,
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
  parts: EndParts,
): Promise<void> {
  parts.metrics.sessionEnded(ended.why);
  parts.log.info({ session_id: ended.session.id, why: ended.why }, 'act-as session ended');
  const event = endEvent(ended, http, by);
  try {
    await parts.audit.append(event);
    await parts.sessions.acknowledge(event.sessionId);
  } catch (error) {
    // Stopping must always work; the row waits in memory and on standard error until the record takes it.
    parts.unrecordedEnds.add(event);
    parts.log.fatal(
      { err: error, session_id: event.sessionId, event: event.event, action: event.action },
      'end not yet on the record',
    );
  }
}

/** Claims what nobody asks for any more and writes what could not be written before. */
export async function sweep(parts: EndParts): Promise<void> {
  // Each was handed out once and for all: trouble with one must not cost the others their rows.
  for (const ended of await swept(parts)) {
    await recordEnd(ended, null, null, parts).catch((error: unknown) => {
      const { session, why } = ended;
      parts.log.fatal({ err: error, session_id: session.id, why }, 'an end cannot be put on the record');
    });
  }
  await parts.unrecordedEnds.write();
}

/** A store that cannot be asked keeps no row waiting that only the record has to take. */
async function swept(parts: EndParts): Promise<readonly EndedSession[]> {
  try {
    return await parts.sessions.sweep(parts.clock.now());
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return [];
    throw error;
  }
}
