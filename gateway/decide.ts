/** Stage 3: asks the policy about a request whose seat is known. */
import type { Decision } from '../policy/index.ts';
import type { Parts } from './parts.ts';
import { unsettled, type Refusal } from './refusal.ts';
import type { ActAsSession } from './sessions/index.ts';
import type { Settled } from './settle/settle.ts';
import { settleStrictly } from './settle/strict.ts';

export type Decided = {
  readonly kind: 'decided';
  readonly side: 'acting' | 'assisted';
  readonly request: Settled;
  readonly session: ActAsSession;
  readonly decision: Decision;
  /** What goes upstream: canonical path and settled query while acting, the raw target otherwise. */
  readonly target: string;
};

/** Acting, but the request has more than one meaning. */
export type Ambiguous = {
  readonly kind: 'ambiguous';
  readonly request: Settled;
  readonly session: ActAsSession;
  readonly refusal: Refusal;
};

export function decide(
  request: Settled,
  seat: { readonly kind: 'acting' | 'assisted'; readonly session: ActAsSession },
  parts: Parts,
): Decided | Ambiguous {
  const { session } = seat;
  let { target } = request;
  if (seat.kind === 'acting') {
    const strict = settleStrictly(request);
    if (!strict.ok) return { kind: 'ambiguous', request, session, refusal: unsettled(strict.fault) };
    target = request.path.canonical + strict.query;
  }
  const decision = parts.policy().decide({
    side: seat.kind,
    method: request.method,
    path: request.path,
    actor: session.actor,
    subject: session.subject,
    mode: session.mode,
    sessionId: session.id,
  });
  parts.metrics.decided(decision.effect);
  return { kind: 'decided', side: seat.kind, request, session, decision, target };
}
