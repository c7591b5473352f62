/** Ends that the record did not take: kept within a bound, told on standard error, and written before anything else once it does. */
import { AuditUnavailableError, type AuditStore, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Parts } from '../parts.ts';
import type { SessionStore } from '../sessions/index.ts';

export type WaitingEnds = {
  add(event: NewAuditEvent): void;
  /** Hands all that waits to the record in one turn: it stands before whatever its caller asks for next. */
  write(): Promise<void>;
  length(): number;
  /** Ends that there was no room for: standard error has them, and the next start closes their sessions. */
  unkept(): number;
};

export type WaitingEndsOptions = Pick<Parts, 'clock' | 'log'> & {
  readonly sessions: Pick<SessionStore, 'acknowledge'>;
  readonly audit: Pick<AuditStore, 'append' | 'health'>;
  readonly standardError: { write(line: string): void };
  readonly maxBytes: number;
};

export function createWaitingEnds({
  audit,
  sessions,
  clock,
  log,
  standardError,
  maxBytes,
}: WaitingEndsOptions): WaitingEnds {
  const waiting = new Map<NewAuditEvent, number>();
  let bytes = 0;
  let unkept = 0;
  let writing: Promise<void> | null = null;

  async function write(event: NewAuditEvent, size: number): Promise<void> {
    try {
      await audit.append(event);
      await sessions.acknowledge(event.sessionId);
      waiting.delete(event);
      bytes -= size;
    } catch (error) {
      if (error instanceof AuditUnavailableError) return;
      log.error({ err: error, session_id: event.sessionId }, 'an end cannot be written and goes on waiting');
    }
  }

  async function writeAll(): Promise<void> {
    await Promise.all(Array.from(waiting, ([event, size]) => write(event, size)));
    writing = null;
  }

  return {
    add(ended) {
      const endedAt = new Date(clock.now()).toISOString();
      const event = { ...ended, details: { ended_at: endedAt, ...ended.details } };
      // Ids only: names belong into the record, and this line is for finding the session there.
      const line = {
        session_id: event.sessionId,
        event: event.event,
        action: event.action,
        ended_at: endedAt,
      };
      standardError.write(`${JSON.stringify({ ...line, msg: 'end not yet on the record' })}\n`);
      const size = JSON.stringify(event).length;
      if (bytes + size > maxBytes) {
        unkept += 1;
        return;
      }
      bytes += size;
      waiting.set(event, size);
    },
    write() {
      if (waiting.size === 0 || !audit.health().ok) return Promise.resolve();
      writing ??= writeAll();
      return writing;
    },
    length: () => waiting.size,
    unkept: () => unkept,
  };
}
