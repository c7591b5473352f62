/** Refuses a request: counts it, logs it, records it where the sender was acting, and answers a program or a person. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { Ambiguous } from './decide.ts';
import { isPageRequest } from './decorate/index.ts';
import { deliver } from './deliver.ts';
import type { Parts } from './parts.ts';
import { recordUnsettled } from './record/unsettled.ts';
import { refusal, unsettled, type Refusal } from './refusal.ts';
import { refusalAnswer, type RefusalContext } from './refusal-answer.ts';
import { httpFacts } from './request-facts.ts';
import { findSession } from './seat.ts';
import { sendBack } from './send-back.ts';
import type { ActAsSession } from './sessions/index.ts';
import type { Settled, Unsettled } from './settle/settle.ts';

export async function refuseUnsettled(
  request: Unsettled,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const seat = await findSession(request.cookie, parts);
  parts.metrics.request('unsettled');
  const why = unsettled(request.fault);
  const session = seat.kind === 'acting' ? seat.session : null;
  const recorded =
    session === null ? true : await recordUnsettled(session, why, httpFacts(request, incoming, parts), parts);
  await refuse(recorded ? why : refusal('audit_unavailable'), request, session, incoming, response, parts);
}

export async function refuseAmbiguous(
  { request, session, refusal: why, recordedPath }: Ambiguous,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const facts = httpFacts(request, incoming, parts);
  const http = recordedPath === null ? facts : { ...facts, path: recordedPath };
  const recorded = await recordUnsettled(session, why, http, parts);
  await refuse(recorded ? why : refusal('audit_unavailable'), request, session, incoming, response, parts);
}

export async function refuse(
  why: Refusal,
  request: Settled | Unsettled,
  session: ActAsSession | null,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  parts.metrics.refused(why.code);
  parts.log.info(
    {
      request_id: request.id,
      method: request.method,
      code: why.code,
      fault: why.fault,
      session_id: session?.id,
    },
    'refused',
  );
  const back = wayBack(why, request, session, parts);
  await deliver(back ?? refusedAnswer(why, request, session, incoming, parts), response);
}

function wayBack(
  { sendsBack }: Refusal,
  request: Settled | Unsettled,
  session: ActAsSession | null,
  parts: Parts,
): Answer | null {
  if (sendsBack === undefined || session === null || request.kind !== 'settled') return null;
  return sendBack(sendsBack, request, session, parts);
}

function refusedAnswer(
  why: Refusal,
  request: Settled | Unsettled,
  session: ActAsSession | null,
  incoming: IncomingMessage,
  parts: Parts,
): Answer {
  const context: RefusalContext = {
    requestId: request.id,
    asPage: isPageRequest((name) => first(incoming.headers[name])),
    // Where one side saw two meanings, the other must not go on reading from a place of its own.
    close: why.code === 'unsettled_request' || !incoming.complete,
    subject: session?.subject.name ?? null,
    acting: session !== null && why.code !== 'paused' && why.code !== 'session_ended',
    signInPage: parts.config.sign_in_page,
  };
  return refusalAnswer(why, context);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
