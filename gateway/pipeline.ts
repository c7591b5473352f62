/** The way of a request, in the one place where its order stands: settle, seat, decide, record, enforce, decorate, deliver, record. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { isRead } from '../policy/index.ts';
import { CART_ID, seeAnsweredCart } from './acting/cart-ids.ts';
import { decideByRightsOfNow, type DecidedByNow } from './acting/rights-of-now.ts';
import { leadsToCustomerService } from './after-sign-in.ts';
import { decidedAnew, type ActingDecided } from './decide.ts';
import { decideAssisted } from './decide-assisted.ts';
import { actingDecorations, decoratePage, firstName, ordinaryDecorations } from './decorate-page.ts';
import { deliver } from './deliver.ts';
import { enforce, failed, prepareBody } from './enforce.ts';
import { releaseBody } from './hold-body.ts';
import { forwardOrdinary, ordinaryAnswer } from './ordinary.ts';
import type { Parts } from './parts.ts';
import { noteDecision, recordCompletion } from './record/completion.ts';
import { recordIntent, type Recorded } from './record/intent.ts';
import { refusal, type Refusal } from './refusal.ts';
import { logWhenDone } from './log-request.ts';
import { refuse, refuseAmbiguous, refuseUnsettled } from './refuse.ts';
import { refusedBy } from './refused-by.ts';
import { isOwnPath } from './routes/own-app.ts';
import { remember } from './routes/own-request.ts';
import { confirmSeat, takeSeat, type Seat } from './seat.ts';
import { sessionEnded } from './session-ended.ts';
import type { ActAsSession, EndedSession } from './sessions/index.ts';
import { settle, type Settled, type Unsettled } from './settle/settle.ts';

/**
 * Answers one request, whatever it is; a defect of ours ends in a refusal as well, and in the log.
 * @param own serves what is settled and lies under our own prefixes; no framework sees a request before that.
 */
export async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
  own: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<void> {
  // Behind something that could not be settled nobody knows where a request begins; its connection is about to close.
  if (parts.condemned.has(incoming.socket)) return;
  const request = settle(incoming, parts.settleRules, parts.newId());
  if (request.kind === 'unsettled') parts.condemned.add(incoming.socket);
  try {
    await answerRequest(request, incoming, response, parts, own);
  } catch (error) {
    parts.log.error({ request_id: request.id, err: error }, 'a request failed on a defect of ours');
    if (response.headersSent) response.destroy();
    else await refuse(refusal('internal_error'), request, null, incoming, response, parts);
  }
}

function answerRequest(
  request: Settled | Unsettled,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
  own: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<void> | void {
  if (request.kind === 'unsettled') return refuseUnsettled(request, incoming, response, parts);
  if (isOwnPath(request.path.canonical)) {
    remember(incoming, request);
    return own(incoming, response);
  }

  // Whoever is known at once waits for nothing.
  const taken = takeSeat(request, incoming, parts);
  return taken instanceof Promise
    ? taken.then((seat) => answerSeated(seat, request, incoming, response, parts))
    : answerSeated(taken, request, incoming, response, parts);
}

function answerSeated(
  seat: Seat,
  request: Settled,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> | void {
  parts.metrics.request(seat.kind);
  if (parts.logsRequests && (seat.kind !== 'ordinary' || parts.config.log.requests === 'all')) {
    logWhenDone(request, seat, incoming, response, parts);
  }
  switch (seat.kind) {
    case 'ordinary':
      return handleOrdinary(request, null, incoming, response, parts);
    case 'assisted':
      return handleAssisted(request, seat.session, incoming, response, parts);
    case 'acting':
      return handleActing(request, seat.session, incoming, response, parts);
    case 'ended':
      return refuseEnded(seat.ended, request, incoming, response, parts);
    case 'unknown':
      return refuse(seat.refusal, request, null, incoming, response, parts);
  }
}

function refuseEnded(
  ended: EndedSession | null,
  request: Settled,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const session = ended?.session ?? null;
  const why = sessionEnded(session, ended?.why ?? null, parts.policy().settings);
  return refuse(why, request, session, incoming, response, parts);
}

function handleActing(
  request: Settled,
  seated: ActAsSession,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const deciding = decideByRightsOfNow({ request, session: seated }, incoming, parts);
  return deciding instanceof Promise
    ? deciding.then((decided) => answerDecided(decided, request, incoming, response, parts))
    : answerDecided(deciding, request, incoming, response, parts);
}

function answerDecided(
  decided: DecidedByNow,
  request: Settled,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  if (decided.kind === 'ambiguous') return refuseAmbiguous(decided, incoming, response, parts);
  if (decided.kind === 'ended') return refuseEnded(decided.ended, request, incoming, response, parts);
  const acted = actOn(decided, incoming, response, parts);
  return decided.held === null ? acted : acted.finally(() => releaseBody(decided.held, parts));
}

async function actOn(
  first: ActingDecided,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const { request, session: seated } = first;
  let decided = first;
  const refuseIt = (why: Refusal): Promise<void> => {
    noteDecision(decided, why.status, parts);
    return refuse(why, request, seated, incoming, response, parts);
  };
  let early = refusedBy(first, parts);
  if (early === null && !isRead(request.method)) {
    const seat = await confirmSeat(seated, request, incoming, parts);
    if (seat.kind === 'ended')
      return refuseIt(sessionEnded(seated, seat.ended?.why ?? null, parts.policy().settings));
    if (seat.kind === 'unknown') return refuseIt(seat.refusal);
    // While its body was under way, its actor may have come to be allowed less.
    if (seat.kind === 'acting') {
      decided = decidedAnew(first, seat.session);
      early = refusedBy(decided, parts);
    }
  }

  const body = early === null ? prepareBody(decided, incoming) : null;
  if (body?.kind === 'refused') {
    const { refusal: why } = body;
    const { recordedPath } = decided.decision;
    return refuseAmbiguous(
      { ...decided, kind: 'ambiguous', refusal: why, recordedPath },
      incoming,
      response,
      parts,
    );
  }

  const recording = recordIntent(decided, incoming, parts);
  const recorded = recording instanceof Promise ? await recording : recording;
  if ('code' in recorded) return refuseIt(recorded);
  if (early !== null) return refuseIt(early);

  try {
    const carried = carryOut(recorded, body?.body ?? null, incoming, response, parts);
    await (recorded.announced === null ? carried : parts.underWay.finish(carried));
  } catch (error) {
    // Whatever broke, and wherever: a write that was announced on the record does not stay without its end.
    await recordCompletion(recorded, { statusCode: 500, trouble: 'unknown', details: {} }, parts);
    throw error;
  }
}

/** Enforce, decorate, deliver, record: of a request whose intent, where it needs one, is on the record. */
async function carryOut(
  recorded: Recorded,
  body: Buffer | Readable | null,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const { request, session: seated } = recorded.decided;
  // The end of a write is worth knowing even if its browser has left; whatever else it asked for is not.
  const audited = recorded.announced !== null;
  const enforced = await enforce(recorded.decided, body, incoming, parts, audited ? null : response);
  if (enforced.kind === 'not_forwarded') {
    const trouble = enforced.maySent ? 'unknown' : 'not_sent';
    await recordCompletion(recorded, { statusCode: enforced.refusal.status, trouble, details: {} }, parts);
    return refuse(enforced.refusal, request, seated, incoming, response, parts);
  }

  const decorations = actingDecorations(enforced.session, request, parts);
  const page = decoratePage(enforced.answer, request, decorations, parts);
  const { answer } = page;
  parts.underWay.cutAtStop(answer, response);
  const closed = audited ? null : parts.openAnswers.add(seated.id, () => response.destroy());
  await deliver(answer, response, {
    transforms: page.transforms,
    readToEnd: audited,
    stallMs: parts.config.upstream.body_timeout,
  });
  closed?.();

  // A status is an outcome even if the rest of the answer broke off on its way.
  const { [CART_ID]: cart, ...details } = enforced.captured();
  if (cart !== undefined && answer.status < 400) await seeAnsweredCart(enforced.session, cart, parts);
  await recordCompletion(recorded, { statusCode: answer.status, trouble: null, details }, parts);
}

async function handleAssisted(
  request: Settled,
  session: ActAsSession,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const decided = await decideAssisted({ request, session }, incoming, parts);
  if (decided.kind === 'ambiguous')
    return refuse(decided.refusal, request, session, incoming, response, parts);
  if (decided.decision.effect === 'pause') {
    const why = refusal('paused', { actor: firstName(session.actor.name) });
    noteDecision(decided, why.status, parts);
    releaseBody(decided.held, parts);
    return refuse(why, request, session, incoming, response, parts);
  }
  try {
    await handleOrdinary(request, session, incoming, response, parts, decided.held);
  } finally {
    releaseBody(decided.held, parts);
  }
}

/**
 * @param assisting the session in which the sender is being helped, if one is live.
 * @param held the body, where it had to be read already
 */
async function handleOrdinary(
  request: Settled,
  assisting: ActAsSession | null,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
  held: Buffer | null = null,
): Promise<void> {
  const led = leadsToCustomerService(request, incoming, parts);
  const elsewhere = led === null ? null : await led;
  if (elsewhere !== null) return void (await deliver(elsewhere, response));
  const decorations = ordinaryDecorations(request, assisting, parts);
  const exchange = forwardOrdinary(request, incoming, parts, decorations.length > 0, held);
  // Nobody waits for an answer whose reader has left.
  response.once('close', exchange.abort);
  const result = await exchange.result;
  if (result.kind === 'failed') {
    return refuse(failed(result, request, parts).refusal, request, null, incoming, response, parts);
  }
  const page = decoratePage(ordinaryAnswer(result, request, parts), request, decorations, parts);
  const stallMs = parts.config.upstream.body_timeout;
  parts.underWay.cutAtStop(page.answer, response);
  await deliver(page.answer, response, { transforms: page.transforms, readToEnd: false, stallMs });
}
