/** Where the two people of a session are seen: a move in its midst is marked once, or ends it; the subject's is noted where configured. */
import type { IncomingMessage } from 'node:http';
import { AuditUnavailableError, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import { actionEvent, type HttpFacts } from '../record/events.ts';
import { addressOf, httpFacts, lineOf } from '../request-facts.ts';
import type { ActAsSession, EndedSession } from '../sessions/index.ts';
import type { Settled } from '../settle/settle.ts';
import { endSession } from './end-session.ts';

export type Whereabouts = {
  /**
   * Null at once where its actor has not moved. Else resolves to the end of the session, where the policy ends it for this,
   * or to null where they may go on.
   */
  actorAt(
    session: ActAsSession,
    request: Settled,
    incoming: IncomingMessage,
    parts: Parts,
  ): Promise<EndedSession | null> | null;
  /** Waits for nothing: shoppers keep shopping. */
  subjectAt(session: ActAsSession, http: HttpFacts, parts: Parts): void;
};

/** A session that moves on and on is marked no more, so that it cannot fill the record. */
const MOST_MARKS = 20;

export function createWhereabouts(sessions: Pick<Parts['sessions'], 'onEnd'>): Whereabouts {
  /** By session: what was marked already. Each address and browser of it once, on each instance that sees it. */
  const marked = new Map<string, Set<string>>();
  sessions.onEnd(({ session }) => void marked.delete(session.id));

  /** False where it was marked already. */
  function mark(session: ActAsSession, what: string): boolean {
    const marks = marked.get(session.id) ?? new Set();
    marked.set(session.id, marks);
    if (marks.has(what) || marks.size >= MOST_MARKS) return false;
    marks.add(what);
    return true;
  }

  async function append(
    session: ActAsSession,
    what: string,
    event: NewAuditEvent,
    parts: Parts,
  ): Promise<void> {
    try {
      await parts.audit.append(event);
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error;
      // The next request tries again.
      marked.get(session.id)?.delete(what);
    }
  }

  async function actorMoved(
    session: ActAsSession,
    action: Moved,
    http: HttpFacts,
    parts: Parts,
  ): Promise<EndedSession | null> {
    const what = `${action} ${action === 'address_changed' ? http.ipAddress : http.userAgent}`;
    if (mark(session, what))
      await append(
        session,
        what,
        actionEvent(session, http, { action, rule: null, outcome: 'ok', details: {} }),
        parts,
      );
    if (parts.policy().settings.onAddressChange !== 'end') return null;
    const ended = await endSession(session.id, 'moved', null, parts);
    return ended ?? { session, why: 'moved', endedAt: parts.clock.now() };
  }

  return {
    actorAt(session, request, incoming, parts) {
      if (parts.policy().settings.onAddressChange === 'ignore') return null;
      const moved = howMoved(session, incoming, parts);
      return moved === null ? null : actorMoved(session, moved, httpFacts(request, incoming, parts), parts);
    },
    subjectAt(session, http, parts) {
      const what = `subject ${http.ipAddress ?? ''}`;
      if (http.ipAddress === null || !mark(session, what)) return;
      // The person at the keyboard is the subject: the address is theirs, and goes with them when they are forgotten.
      const seen = { ...session, actor: session.subject };
      const facts = { action: 'subject_seen', rule: null, outcome: 'ok', details: {} } as const;
      const event = { ...actionEvent(seen, http, facts), method: null, path: null, requestId: null };
      append(session, what, event, parts).catch((error: unknown) =>
        parts.log.error(
          { err: error, session_id: session.id },
          'the address of a subject could not be recorded',
        ),
      );
    },
  };
}

type Moved = 'address_changed' | 'browser_changed';

/** What is not recorded of an actor is not compared either. */
function howMoved(
  { ipAddress, userAgent }: ActAsSession,
  incoming: IncomingMessage,
  parts: Parts,
): Moved | null {
  const recorded = parts.config.record.actor_address && ipAddress !== '';
  if (recorded && addressOf(incoming, parts) !== ipAddress) return 'address_changed';
  return (lineOf(incoming, 'user-agent') ?? '') === (userAgent ?? '') ? null : 'browser_changed';
}
