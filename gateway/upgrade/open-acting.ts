/** A WebSocket in somebody else's seat: decided, recorded and sent as any acting request is, and only where a rule permits one. */
import type { WebSocketTerms } from '../../policy/index.ts';
import { decideByRightsOfNow } from '../acting/rights-of-now.ts';
import { decidedAnew, type Ambiguous, type Decided } from '../decide.ts';
import { deliver } from '../deliver.ts';
import { enforce } from '../enforce.ts';
import type { Parts } from '../parts.ts';
import { noteDecision, recordCompletion } from '../record/completion.ts';
import { recordIntent, type Recorded } from '../record/intent.ts';
import { neverOpen } from '../record/never-open.ts';
import { refusal, unsettled, type Refusal } from '../refusal.ts';
import { refuse, refuseAmbiguous } from '../refuse.ts';
import { refusedBy } from '../refused-by.ts';
import { confirmSeat } from '../seat.ts';
import { sessionEnded } from '../session-ended.ts';
import type { ActAsSession } from '../sessions/index.ts';
import { headerOf, type Settled } from '../settle/settle.ts';
import { openSocket } from './acting-socket.ts';
import type { Asking } from './asking.ts';
import { actingHandshake, isAgreed, isHandshake, type Handshake } from './handshake.ts';
import { logWhenOver } from './log-when-over.ts';
import { createOpening, SESSION_ENDED, STOPPING } from './opening.ts';
import { takePlace } from './place.ts';
import { switchProtocols } from './response-on.ts';
import { upgrading } from './upgrading.ts';
import { whileSilent } from './while-silent.ts';

export async function openActing(asking: Asking, seated: ActAsSession, parts: Parts): Promise<void> {
  const { request, incoming, response } = asking;
  // Whether it may wish for another protocol is asked here; about everything else it is a request like any other.
  const first = await decideByRightsOfNow(
    { request: { ...request, upgrade: false }, session: seated },
    incoming,
    parts,
  );
  if (first.kind === 'ambiguous') return refuseAmbiguous(first, incoming, response, parts);
  if (first.kind === 'ended')
    return refuse(
      sessionEnded(seated, first.ended?.why ?? null, parts.policy().settings),
      request,
      seated,
      incoming,
      response,
      parts,
    );
  let decided = first;
  const refuseIt = (why: Refusal): Promise<void> => {
    noteDecision(decided, why.status, parts);
    return refuse(why, request, seated, incoming, response, parts);
  };
  const opens = refusedBy(first, parts) === null && whyNone(asking, first, parts) === null;
  // Before anybody is asked about: where there is none, asking over and over costs the app nothing.
  const noPlace = opens ? takePlace(incoming.socket, seated.id, parts) : null;
  // What the browser will send by it may be decided on no more, so it is asked for as a write is.
  const asksToSend = first.decision.webSocket?.messages === 'both';
  if (asksToSend && opens && noPlace === null) {
    const seat = await confirmSeat(seated, request, incoming, parts);
    if (seat.kind === 'ended')
      return refuseIt(sessionEnded(seated, seat.ended?.why ?? null, parts.policy().settings));
    if (seat.kind === 'unknown') return refuseIt(seat.refusal);
    if (seat.kind === 'acting') decided = decidedAnew(first, seat.session);
  }

  const { webSocket: terms, recordedPath } = decided.decision;
  const early = refusedBy(decided, parts);
  const why = early === null ? (whyNone(asking, decided, parts) ?? noPlace) : null;
  if (why !== null) {
    const ambiguous: Ambiguous = { kind: 'ambiguous', request, session: seated, refusal: why, recordedPath };
    return refuseAmbiguous(ambiguous, incoming, response, parts);
  }
  const recorded = await recordIntent(decided, incoming, parts);
  if ('code' in recorded) return refuseIt(recorded);
  if (early !== null || terms === null) return refuseIt(early ?? unsettled('upgrade'));

  return neverOpen(recorded, carryOut(recorded, terms, asking, parts), parts);
}

/** Why there is no WebSocket for a request that may well be sent; null where there may be one. */
function whyNone({ request, incoming, head }: Asking, { decision }: Decided, parts: Parts): Refusal | null {
  if (decision.webSocket === null) return unsettled('upgrade');
  if (!isHandshake(request, incoming.httpVersion, head)) return unsettled('handshake');
  return isAskedByOurPage(request, parts) ? null : askedElsewhere();
}

/** A browser lets every page of every site open a WebSocket to us, says whose page it was, and leaves the rest to us. */
function isAskedByOurPage(request: Settled, parts: Parts): boolean {
  return headerOf(request, 'origin') === parts.publicOrigin(request.host);
}

const askedElsewhere = (): Refusal =>
  refusal('not_allowed', {
    detail: 'No page of this site asked for this WebSocket in someone else’s seat. It was not opened.',
    fault: 'origin',
  });

/** Enforce, and join the two connections: of a request whose intent, where it needs one, is on the record. */
async function carryOut(
  recorded: Recorded,
  terms: WebSocketTerms,
  asking: Asking,
  parts: Parts,
): Promise<void> {
  const { request, incoming, response } = asking;
  const { socket } = incoming;
  const { session } = recorded.decided;
  const opening = createOpening(socket);
  parts.underWay.closeAtStop(() => opening.close(...STOPPING), opening.over);
  // From before the session is asked for the last time, so that no end of it goes unheard.
  let look: ((session: ActAsSession) => void) | null = null;
  const cut = (): void => opening.close(...SESSION_ENDED);
  const unwatch = parts.openAnswers.add(session.id, cut, (now) => look?.(now));
  void opening.over.then(unwatch);

  const handshake = actingHandshake(request, terms);
  const asked = upgrading(parts.sender);
  const enforced = await whileSilent(
    socket,
    enforce(
      withHandshake(recorded.decided, handshake),
      null,
      incoming,
      { ...parts, sender: asked.sender },
      response,
    ),
  ).catch((error: unknown) => {
    asked.upstream()?.destroy();
    throw error;
  });
  if (enforced.kind === 'not_forwarded') {
    const trouble = enforced.maySent ? 'unknown' : 'not_sent';
    await recordCompletion(recorded, { statusCode: enforced.refusal.status, trouble, details: {} }, parts);
    return refuse(enforced.refusal, request, session, incoming, response, parts);
  }

  const { answer } = enforced;
  const upstream = asked.upstream();
  if (upstream === null) {
    // The app did not want it: its answer goes back, and both connections end.
    const stallMs = parts.config.upstream.body_timeout;
    await deliver(answer, response, { transforms: [], readToEnd: false, stallMs });
    await recordCompletion(recorded, { statusCode: answer.status, trouble: null, details: {} }, parts);
    return;
  }
  if (!isAgreed(answer.headers, handshake)) {
    upstream.destroy();
    parts.log.warn({ request_id: request.id }, 'the upstream agreed to another WebSocket than was asked for');
    const why = refusal('upstream_unreachable');
    await recordCompletion(recorded, { statusCode: why.status, trouble: 'unknown', details: {} }, parts);
    return refuse(why, request, session, incoming, response, parts);
  }
  if (socket.destroyed) upstream.destroy();
  else {
    switchProtocols(response, answer.headers);
    look = openSocket({ recorded, terms, opening, upstream, request, incoming }, parts);
    logWhenOver(asking, opening, parts);
  }
  await recordCompletion(recorded, { statusCode: answer.status, trouble: null, details: {} }, parts);
}

/** It keeps no session alive, and what goes up of the handshake is set as a rule would set a header. */
function withHandshake(decided: Decided, handshake: Handshake): Decided {
  const { obligations } = decided.decision;
  const { amend } = obligations;
  const header = { ...amend.header, ...handshake };
  const decision = {
    ...decided.decision,
    background: true,
    obligations: { capture: {}, amend: { ...amend, header } },
  };
  return { ...decided, decision };
}
