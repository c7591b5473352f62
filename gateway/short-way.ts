/** The short way, of everybody who does not act: a shopper's own write may be paused, and everything else goes on as it came. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { leadsToCustomerService } from './after-sign-in.ts';
import { decideAssisted } from './decide-assisted.ts';
import { decoratePage, firstName, ordinaryDecorations } from './decorate-page.ts';
import { deliver } from './deliver.ts';
import { failed } from './enforce.ts';
import { releaseBody } from './hold-body.ts';
import { forwardOrdinary, ordinaryAnswer } from './ordinary.ts';
import type { Parts } from './parts.ts';
import { noteDecision } from './record/completion.ts';
import { refusal } from './refusal.ts';
import { refuse } from './refuse.ts';
import type { ActAsSession } from './sessions/index.ts';
import type { Settled } from './settle/settle.ts';

export async function handleAssisted(
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
export async function handleOrdinary(
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
  response.on('close', exchange.abort);
  const result = await exchange.result;
  if (result.kind === 'failed') {
    return refuse(failed(result, request, parts).refusal, request, null, incoming, response, parts);
  }
  const page = decoratePage(ordinaryAnswer(result, request, parts), request, decorations, parts);
  const stallMs = parts.config.upstream.body_timeout;
  parts.underWay.cutAtStop(page.answer, response);
  await deliver(page.answer, response, { transforms: page.transforms, readToEnd: false, stallMs });
}
