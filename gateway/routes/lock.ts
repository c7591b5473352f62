/** `POST /_act-as/lock`: the actor locks the shopper's cart, or gives it back; either stands on the record. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { lockCart } from '../acting/lock-cart.ts';
import { newsCookie } from '../news.ts';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { confirmSeat } from '../seat.ts';
import { sessionEnded } from '../session-ended.ts';
import type { ActAsSession } from '../sessions/index.ts';
import {
  crossOrigin,
  facts,
  fromOurOrigin,
  seatOf,
  sendRefusal,
  settledOf,
  wantsPage,
} from './own-request.ts';
import { returnPath } from './sessions.ts';

const lockBody = z.object({
  locked: z.union([z.boolean(), z.stringbool()]),
  /** Where a form goes back to; the page it stands on unless said. */
  return_to: z.string().max(2_048).nullish(),
});

export function lockRoute(app: FastifyInstance, parts: Parts): void {
  app.post('/_act-as/lock', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const body = lockBody.safeParse(request.body);
    if (!body.success)
      return sendRefusal(
        refusal('invalid_request', { detail: 'locked must be true or false.', fault: 'locked' }),
        request,
        reply,
        parts,
      );
    const session = await ownSession(request, parts);
    if ('code' in session) return sendRefusal(session, request, reply, parts);
    const { locked, return_to: given } = body.data;
    if (session.pause !== 'on_lock') return sendRefusal(notTheirs(), request, reply, parts);
    const http = { ...facts(request, parts), statusCode: wantsPage(request) ? 303 : 200 };
    const changed = session.locked === locked ? session : await lockCart(session, locked, http, parts);
    if ('code' in changed) return sendRefusal(changed, request, reply, parts);
    return answer(locked, returnPath(given, request, parts), request, reply);
  });
}

const notTheirs = (): Refusal =>
  refusal('not_allowed', {
    detail: 'In this session the cart is paused for its owner from beginning to end.',
    fault: 'pause_at_start',
  });

/** The session of the sender, whose own sign-in and permission are looked at anew. */
async function ownSession(request: FastifyRequest, parts: Parts): Promise<ActAsSession | Refusal> {
  const found = await seatOf(request, parts);
  const seat =
    found.kind === 'acting'
      ? await confirmSeat(found.session, settledOf(request), request.raw, parts)
      : found;
  switch (seat.kind) {
    case 'ordinary':
    case 'assisted':
      return refusal('no_session', { detail: 'There is no act-as session whose cart could be locked.' });
    case 'ended':
      return sessionEnded(seat.ended?.session ?? null, seat.ended?.why ?? null, parts.policy().settings);
    case 'unknown':
      return seat.refusal;
    case 'acting':
      return seat.session;
  }
}

function answer(
  locked: boolean,
  location: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!wantsPage(request)) return reply.send({ locked, location });
  void reply.header('set-cookie', newsCookie({ kind: locked ? 'locked' : 'unlocked' }));
  return reply.redirect(location, 303);
}
