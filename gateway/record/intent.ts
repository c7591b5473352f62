/** Stage 4: puts on disk that an audited write is about to be sent, or that a blocked one was tried. */
import type { IncomingMessage } from 'node:http';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { Decided } from '../decide.ts';
import type { Parts } from '../parts.ts';
import { refusal, REFUSALS, type Refusal } from '../refusal.ts';
import { sendBack } from '../send-back.ts';
import { actionEvent, blockedEvent, type HttpFacts } from './events.ts';
import { recordedFacts } from './recorded-facts.ts';

export type Recorded = {
  readonly kind: 'recorded';
  readonly decided: Decided;
  /** Of an audited write; null for what the record holds no end of. */
  readonly announced: Announced | null;
};

/** An intent on disk; its end must be recorded under this id. */
export type Announced = { readonly intent: number; readonly http: HttpFacts };

/** Never forwards without a record: what cannot be recorded is refused. At once where there is nothing to record. */
export function recordIntent(
  decided: Decided,
  incoming: IncomingMessage,
  parts: Parts,
): Recorded | Promise<Recorded | Refusal> {
  // What ended while nothing could be written stands before whatever is done now.
  if (parts.unrecordedEnds.length() > 0) void parts.unrecordedEnds.write();
  switch (decided.decision.effect) {
    case 'audit':
      return orUnavailable(announce(decided, incoming, parts));
    case 'block':
      return orUnavailable(recordBlocked(decided, incoming, parts));
    case 'allow':
    case 'confirm':
    case 'pause':
      return { kind: 'recorded', decided, announced: null };
  }
}

async function announce(decided: Decided, incoming: IncomingMessage, parts: Parts): Promise<Recorded> {
  const { action, rule } = decided.decision;
  const http = recordedFacts(decided, incoming, parts);
  const event = actionEvent(decided.session, http, { action, rule, outcome: 'error', details: {} });
  return { kind: 'recorded', decided, announced: { intent: await parts.audit.intend(event), http } };
}

async function recordBlocked(decided: Decided, incoming: IncomingMessage, parts: Parts): Promise<Recorded> {
  const { decision, session } = decided;
  const http = { ...recordedFacts(decided, incoming, parts), statusCode: blockedStatus(decided, parts) };
  const why = decision.missed?.why ?? (decision.rule === null ? decision.reason : null);
  const details = why === null ? {} : { why };
  const facts = { action: decision.action ?? 'blocked', rule: decision.rule, details };
  await parts.blockedRows.append(blockedEvent(session, http, facts));
  return { kind: 'recorded', decided, announced: null };
}

function orUnavailable(recording: Promise<Recorded>): Promise<Recorded | Refusal> {
  return recording.catch((error: unknown) => {
    if (error instanceof AuditUnavailableError) return refusal('audit_unavailable');
    throw error;
  });
}

/** What the sender will be answered: a page about it, or the way back. */
function blockedStatus({ decision, request, session }: Decided, parts: Parts): number {
  const { rule } = decision;
  if (!decision.sendBack || rule === null) return REFUSALS.blocked.status;
  return sendBack(rule, request, session, parts)?.status ?? REFUSALS.blocked.status;
}
