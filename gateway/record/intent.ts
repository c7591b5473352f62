/** Stage 4: puts on disk that an audited write is about to be sent, or that a blocked one was tried. */
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { Decided } from '../decide.ts';
import type { Parts } from '../parts.ts';
import { refusal, REFUSALS, type Refusal } from '../refusal.ts';
import { sendBack } from '../send-back.ts';
import { actionEvent, blockedEvent, type HttpFacts } from './events.ts';

export type Recorded = {
  readonly kind: 'recorded';
  readonly decided: Decided;
  /** Of an audited write; its end must be recorded under this id. */
  readonly intent: number | null;
  readonly http: HttpFacts;
};

/** Never forwards without a record: what cannot be recorded is refused. */
export async function recordIntent(
  decided: Decided,
  http: HttpFacts,
  parts: Parts,
): Promise<Recorded | Refusal> {
  const { decision, session } = decided;
  // What ended while nothing could be written stands before whatever is done now.
  void parts.unrecordedEnds.write();
  try {
    switch (decision.effect) {
      case 'audit': {
        const event = actionEvent(session, http, {
          action: decision.action,
          rule: decision.rule,
          outcome: 'error',
          details: {},
        });
        return { kind: 'recorded', decided, intent: await parts.audit.intend(event), http };
      }
      case 'block': {
        const why = decision.missed?.why ?? (decision.rule === null ? decision.reason : null);
        const details = why === null ? {} : { why };
        const facts = { action: decision.action ?? 'blocked', rule: decision.rule, details };
        await parts.blockedRows.append(
          blockedEvent(session, { ...http, statusCode: blockedStatus(decided, parts) }, facts),
        );
        return { kind: 'recorded', decided, intent: null, http };
      }
      case 'allow':
      case 'confirm':
      case 'pause':
        return { kind: 'recorded', decided, intent: null, http };
    }
  } catch (error) {
    if (error instanceof AuditUnavailableError) return refusal('audit_unavailable');
    throw error;
  }
}

/** What the sender will be answered: a page about it, or the way back. */
function blockedStatus({ decision, request, session }: Decided, parts: Parts): number {
  const { rule } = decision;
  if (!decision.sendBack || rule === null) return REFUSALS.blocked.status;
  return sendBack(rule, request, session, parts)?.status ?? REFUSALS.blocked.status;
}
