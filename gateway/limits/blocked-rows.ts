/** Rows for what was tried and refused, so many a minute for each session; what is beyond is counted in one. */
import { AuditUnavailableError, type AuditStore, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import type { SessionStore } from '../sessions/index.ts';

export type BlockedRows = {
  /** @throws AuditUnavailableError where the record does not take a row; one that is only counted waits for nothing. */
  append(event: NewAuditEvent): Promise<void>;
  /** Writes the counts of every minute that is over, or all of them. Never rejects. */
  flush(all?: boolean): Promise<void>;
};

export type BlockedRowsOptions = Pick<Parts, 'clock' | 'log'> & {
  readonly audit: Pick<AuditStore, 'append'>;
  readonly sessions: Pick<SessionStore, 'onEnd'>;
  readonly perMinute: number;
};

const MINUTE = 60_000;

type Minute = { readonly from: number; rows: number; beyond: number; last: NewAuditEvent };

export function createBlockedRows(options: BlockedRowsOptions): BlockedRows {
  const { audit, clock, log, perMinute, sessions } = options;
  const minutes = new Map<string, Minute>();

  async function close(sessionId: string, minute: Minute): Promise<void> {
    minutes.delete(sessionId);
    if (minute.beyond === 0) return;
    try {
      await audit.append(summary(minute, clock.now()));
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error;
      // Counted on, in the minute that has begun since or in this one.
      const later = minutes.get(sessionId);
      if (later === undefined) minutes.set(sessionId, minute);
      else later.beyond += minute.beyond;
    }
  }

  function closing(sessionId: string, minute: Minute): Promise<void> {
    return close(sessionId, minute).catch((error: unknown) =>
      log.error({ err: error, session_id: sessionId }, 'a count of blocked attempts could not be recorded'),
    );
  }

  // Before the row of the end, which whoever ended the session writes next.
  sessions.onEnd(({ session }) => {
    const minute = minutes.get(session.id);
    if (minute !== undefined) void closing(session.id, minute);
  });

  return {
    async append(event) {
      const now = clock.now();
      const known = minutes.get(event.sessionId);
      const over = known !== undefined && now - known.from >= MINUTE;
      if (over) await closing(event.sessionId, known);
      const minute = minutes.get(event.sessionId) ?? { from: now, rows: 0, beyond: 0, last: event };
      minutes.set(event.sessionId, minute);
      if (minute.rows >= perMinute) {
        minute.beyond += 1;
        minute.last = event;
        return;
      }
      minute.rows += 1;
      await audit.append(event);
    },
    async flush(all = false) {
      const now = clock.now();
      const due = [...minutes].filter(([, { from }]) => all || now - from >= MINUTE);
      await Promise.all(due.map(([sessionId, minute]) => closing(sessionId, minute)));
    },
  };
}

function summary({ last, beyond, from }: Minute, until: number): NewAuditEvent {
  return {
    ...last,
    action: 'more_blocked_attempts',
    rule: null,
    method: null,
    path: null,
    requestId: null,
    details: { count: beyond, from: new Date(from).toISOString(), until: new Date(until).toISOString() },
  };
}
