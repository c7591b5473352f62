/** Stage 8: writes how an audited write ended, and notes every decision in the finer trace. */
import { AuditUnavailableError, type NewAuditEvent } from '../../audit-store/index.ts';
import type { Decided } from '../decide.ts';
import type { Parts } from '../parts.ts';
import { actionEvent, type Details } from './events.ts';
import type { Announced, Recorded } from './intent.ts';

export type Outcome = {
  readonly statusCode: number;
  /** False where the upstream's answer came and arrived whole; otherwise what is known instead. */
  readonly trouble: 'not_sent' | 'unknown' | null;
  readonly details: Details;
};

const TROUBLE = { not_sent: 'the request was not sent', unknown: 'the outcome is unknown' } as const;

/** At once where there is nothing but the note. */
export function recordCompletion(recorded: Recorded, outcome: Outcome, parts: Parts): Promise<void> | null {
  noteDecision(recorded.decided, outcome.statusCode, parts);
  return recorded.announced === null ? null : complete(recorded.decided, recorded.announced, outcome, parts);
}

async function complete(
  { session, decision }: Decided,
  { intent, http }: Announced,
  outcome: Outcome,
  parts: Parts,
): Promise<void> {
  const done = outcome.trouble === null && outcome.statusCode < 400;
  const event = actionEvent(
    session,
    { ...http, statusCode: outcome.statusCode },
    {
      action: decision.action,
      rule: decision.rule,
      outcome: done ? 'ok' : 'error',
      details: {
        ...outcome.details,
        ...(outcome.trouble === null ? {} : { note: TROUBLE[outcome.trouble] }),
      },
    },
  );
  await recordEndOf(intent, event, parts);
}

/** Of a write that was announced as `intent`; what was done was done, whether or not the record takes it now. */
export async function recordEndOf(intent: number, event: NewAuditEvent, parts: Parts): Promise<void> {
  try {
    await parts.audit.append(event, intent);
  } catch (error) {
    if (!(error instanceof AuditUnavailableError)) throw error;
    // The store writes it once it can. Should this process end before, the next one says that the outcome is unknown.
    const facts = { request_id: event.requestId, session_id: event.sessionId };
    parts.log.fatal(facts, 'completion not on the record');
  }
}

export function noteDecision(decided: Decided, statusCode: number | null, parts: Parts): void {
  const { request, session, decision, side } = decided;
  // Counted here, once, whatever was asked before; a shopper's own is counted where it is made.
  if (side === 'acting') parts.metrics.decided(decision.effect);
  parts.audit.note({
    at: parts.clock.now(),
    sessionId: session.id,
    side,
    requestId: request.id,
    method: request.method,
    path: decision.recordedPath ?? request.path.canonical,
    effect: decision.effect,
    rule: decision.rule,
    reason: decision.reason,
    statusCode,
  });
}
