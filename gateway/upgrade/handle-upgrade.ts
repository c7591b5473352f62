/** The way of a request for a WebSocket, as the pipeline has it for every other: settle, seat, and by the seat onwards. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decideAssisted } from '../decide-assisted.ts';
import { firstName } from '../decorate-page.ts';
import { logWhenDone } from '../log-request.ts';
import type { Parts } from '../parts.ts';
import { noteDecision } from '../record/completion.ts';
import { refusal } from '../refusal.ts';
import { refuse, refuseUnsettled } from '../refuse.ts';
import { isOwnPath } from '../routes/own-app.ts';
import { takeSeat } from '../seat.ts';
import { sessionEnded } from '../session-ended.ts';
import type { ActAsSession } from '../sessions/index.ts';
import { settle, type Settled } from '../settle/settle.ts';
import type { Asking } from './asking.ts';
import { openActing } from './open-acting.ts';
import { openOrdinary } from './open-ordinary.ts';
import { responseOn } from './response-on.ts';

/** Node hands over only what asks for a WebSocket; any other upgrade is an ordinary request that ignores the wish. */
export function asksForWebSocket(incoming: IncomingMessage): boolean {
  return incoming.method === 'GET' && incoming.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Answers one such request, whatever it is; a defect of ours ends in a refusal as well, and in the log. */
export async function handleUpgrade(incoming: IncomingMessage, head: Buffer, parts: Parts): Promise<void> {
  const { socket } = incoming;
  socket.on('error', () => socket.destroy());
  // As for every request behind one that could not be settled.
  if (parts.condemned.has(socket)) return void socket.destroy();
  const response = responseOn(incoming);
  const request = settle(incoming, parts.settleRules, parts.newId());
  try {
    if (request.kind === 'unsettled') await refuseUnsettled(request, incoming, response, parts);
    else await answerSettled(request, incoming, head, response, parts);
  } catch (error) {
    parts.log.error({ request_id: request.id, err: error }, 'a request failed on a defect of ours');
    if (response.headersSent || response.socket === null) socket.destroy();
    else await refuse(refusal('internal_error'), request, null, incoming, response, parts);
  }
}

async function answerSettled(
  request: Settled,
  incoming: IncomingMessage,
  head: Buffer,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  if (isOwnPath(request.path.canonical))
    return refuse(refusal('not_found'), request, null, incoming, response, parts);
  const seat = await takeSeat(request, incoming, parts);
  parts.metrics.request(seat.kind);
  if (parts.logsRequests && (seat.kind !== 'ordinary' || parts.config.log.requests === 'all'))
    logWhenDone(request, seat, incoming, response, parts);
  switch (seat.kind) {
    case 'ordinary':
      return openOrdinary({ request, incoming, head, response, seat }, parts);
    case 'assisted':
      return openAssisted({ request, incoming, head, response, seat }, seat.session, parts);
    case 'acting':
      return openActing({ request, incoming, head, response, seat }, seat.session, parts);
    case 'ended': {
      const session = seat.ended?.session ?? null;
      const why = sessionEnded(session, seat.ended?.why ?? null, parts.policy().settings);
      return refuse(why, request, session, incoming, response, parts);
    }
    case 'unknown':
      return refuse(seat.refusal, request, null, incoming, response, parts);
  }
}

/** What a shopper sends by it nobody looks into; a rule that pauses its path keeps it from being opened. */
async function openAssisted(asking: Asking, session: ActAsSession, parts: Parts): Promise<void> {
  const { request, incoming, response } = asking;
  const decided = await decideAssisted({ request, session }, incoming, parts);
  const why =
    decided.kind === 'ambiguous'
      ? decided.refusal
      : decided.decision.effect === 'pause'
        ? refusal('paused', { actor: firstName(session.actor.name) })
        : null;
  if (why === null) return openOrdinary(asking, parts);
  if (decided.kind === 'decided') noteDecision(decided, why.status, parts);
  return refuse(why, request, session, incoming, response, parts);
}
