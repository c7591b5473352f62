/** The way of a request, in the one place where its order stands: settle, seat, decide, record, enforce, decorate, deliver, record. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { isRead } from '../policy/index.ts';
import { CART_ID, seeAnsweredCart } from './acting/cart-ids.ts';
import { decideByRightsOfNow, type DecidedByNow } from './acting/rights-of-now.ts';
import { decidedAnew, type ActingDecided, type Ambiguous } from './decide.ts';
import { actingDecorations, decoratePage } from './decorate-page.ts';
import { deliver } from './deliver.ts';
import { enforce, prepareBody } from './enforce.ts';
import { releaseBody } from './hold-body.ts';
import type { Parts } from './parts.ts';
import { noteDecision, recordCompletion } from './record/completion.ts';
import { recordIntent, type Recorded } from './record/intent.ts';
import { neverOpen } from './record/never-open.ts';
import { refusal, type Refusal } from './refusal.ts';
import { logWhenDone } from './log-request.ts';
import { refuse, refuseAmbiguous, refuseUnsettled } from './refuse.ts';
import { refusedBy } from './refused-by.ts';
import { isOwnPath } from './routes/own-app.ts';
import { remember } from './routes/own-request.ts';
import { confirmSeat, takeSeat, type Seat } from './seat.ts';
import { sessionEnded } from './session-ended.ts';
import type { ActAsSession, EndedSession } from './sessions/index.ts';
import { handleAssisted, handleOrdinary } from './short-way.ts';
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
  return decided.held === null
    ? actOn(decided, incoming, response, parts)
    : actOnHeld(decided, incoming, response, parts);
}

async function actOnHeld(
  decided: ActingDecided,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  try {
    await actOn(decided, incoming, response, parts);
  } finally {
    releaseBody(decided.held, parts);
  }
}

function actOn(
  decided: ActingDecided,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const early = refusedBy(decided, parts);
  return early === null && !isRead(decided.request.method)
    ? confirmAndProceed(decided, incoming, response, parts)
    : proceed(decided, early, incoming, response, parts);
}

async function confirmAndProceed(
  decided: ActingDecided,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const { request, session } = decided;
  const seat = await confirmSeat(session, request, incoming, parts);
  switch (seat.kind) {
    case 'ended': {
      const why = sessionEnded(session, seat.ended?.why ?? null, parts.policy().settings);
      return refuseDecided(decided, why, incoming, response, parts);
    }
    case 'unknown':
      return refuseDecided(decided, seat.refusal, incoming, response, parts);
    case 'acting': {
      // While its body was under way, its actor may have come to be allowed less.
      const now = decidedAnew(decided, seat.session);
      return proceed(now, refusedBy(now, parts), incoming, response, parts);
    }
    case 'ordinary':
    case 'assisted':
      return proceed(decided, null, incoming, response, parts);
  }
}

/** @param early why the policy does not let it through, if it does not */
function proceed(
  decided: ActingDecided,
  early: Refusal | null,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const ready = early === null ? prepareBody(decided, incoming) : null;
  if (ready?.kind === 'refused') {
    const { request, session, decision } = decided;
    const { recordedPath } = decision;
    const ambiguous: Ambiguous = {
      kind: 'ambiguous',
      request,
      session,
      refusal: ready.refusal,
      recordedPath,
    };
    return refuseAmbiguous(ambiguous, incoming, response, parts);
  }
  const body = ready?.body ?? null;
  const goOn = (recorded: Recorded | Refusal): Promise<void> => {
    if ('code' in recorded) return refuseDecided(decided, recorded, incoming, response, parts);
    if (early !== null) return refuseDecided(decided, early, incoming, response, parts);
    return neverOpen(recorded, carryOut(recorded, body, incoming, response, parts), parts);
  };
  const recording = recordIntent(decided, incoming, parts);
  return recording instanceof Promise ? recording.then(goOn) : goOn(recording);
}

function refuseDecided(
  decided: ActingDecided,
  why: Refusal,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  noteDecision(decided, why.status, parts);
  return refuse(why, decided.request, decided.session, incoming, response, parts);
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
  const flows = !Buffer.isBuffer(answer.body) && !answer.body.whole;
  if (flows) parts.underWay.cutAtStop(answer, response);
  const closed = flows && !audited ? parts.openAnswers.add(seated.id, () => response.destroy()) : null;
  const delivering = deliver(answer, response, {
    transforms: page.transforms,
    readToEnd: audited,
    stallMs: parts.config.upstream.body_timeout,
  });
  if (delivering !== null) await delivering;
  closed?.();

  // A status is an outcome even if the rest of the answer broke off on its way.
  const { [CART_ID]: cart, ...details } = enforced.captured();
  if (cart !== undefined && answer.status < 400) await seeAnsweredCart(enforced.session, cart, parts);
  await recordCompletion(recorded, { statusCode: answer.status, trouble: null, details }, parts);
}
