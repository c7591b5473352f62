/** `POST /_act-as/stop`: out of the seat, and out of the market altogether where the actor asks for that. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { endSession } from '../acting/end-session.ts';
import { CUSTOMER_SERVICE } from '../after-sign-in.ts';
import { setCookies } from '../forward/answer-headers.ts';
import { forward } from '../forward/forward.ts';
import { bearsToken } from '../bearer/bearer-token.ts';
import type { Parts } from '../parts.ts';
import { refusal, unsettled } from '../refusal.ts';
import { viaOf } from '../request-facts.ts';
import { describeClient } from '../forward/request-headers.ts';
import { endsSignIn } from '../session-ended.ts';
import type { ActAsSession } from '../sessions/index.ts';
import { unseatBrowser } from './act-as-cookie.ts';
import {
  credential,
  crossOrigin,
  facts,
  fromOurOrigin,
  seatOf,
  sendRefusal,
  settledOf,
  wantsPage,
} from './own-request.ts';

const stopBody = z
  .object({
    sign_out: z.union([z.boolean(), z.stringbool()]).default(false),
    /** Where to go then, if not back to where the session began. */
    to: z.literal('customer_service').optional(),
  })
  .nullish();

export function stopRoute(app: FastifyInstance, parts: Parts): void {
  // A link must not end a session, and it is not that there were nothing here.
  app.get('/_act-as/stop', (request, reply) =>
    sendRefusal(unsettled('method_not_served'), request, reply.header('allow', 'POST'), parts),
  );
  app.post('/_act-as/stop', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const body = stopBody.safeParse(request.body);
    if (!body.success)
      return sendRefusal(refusal('invalid_request', { fault: 'sign_out' }), request, reply, parts);
    const signOut = body.data?.sign_out ?? false;
    const back = body.data?.to === undefined ? null : CUSTOMER_SERVICE;
    const seat = await seatOf(request, parts);
    switch (seat.kind) {
      case 'ordinary':
      case 'assisted':
        return sendRefusal(refusal('no_session'), request, reply, parts);
      case 'unknown':
        return sendRefusal(seat.refusal, request, reply, parts);
      case 'ended':
        return leave(
          request,
          reply,
          {
            back: endsSignIn(seat.ended?.why ?? null) ? parts.config.sign_in_page : back,
            session: seat.ended?.session ?? null,
            signOut,
          },
          parts,
        );
      case 'acting': {
        const http = { ...facts(request, parts), statusCode: wantsPage(request) ? 303 : 200 };
        await endSession(seat.session.id, signOut ? 'signed_out' : 'stopped', http, parts);
        return leave(request, reply, { back, session: seat.session, signOut }, parts);
      }
    }
  });
}

type Leaving = {
  readonly session: ActAsSession | null;
  readonly signOut: boolean;
  /** Where to go instead of where the session began. */
  readonly back: string | null;
};

/** A session that is over already is left in the same way: that is how its cookie goes. */
async function leave(
  request: FastifyRequest,
  reply: FastifyReply,
  { session, signOut, back }: Leaving,
  parts: Parts,
): Promise<FastifyReply> {
  // Of a browser whose page used a bearer nothing else is ours.
  if (!bearsToken(settledOf(request))) unseatBrowser(reply, parts);
  if (signOut) {
    const cookies = await signOutUpstream(request, parts);
    if (cookies === null) return stillSignedIn(request, reply, session, parts);
    for (const cookie of cookies) void reply.header('set-cookie', cookie);
  }
  const location = signOut ? parts.config.sign_in_page : (back ?? session?.returnTo ?? '/');
  if (wantsPage(request)) return reply.redirect(location, 303);
  return reply.send({ ended: true, location });
}

/** The seat is given back all the same; what the app did not do is said, and not claimed. */
function stillSignedIn(
  request: FastifyRequest,
  reply: FastifyReply,
  session: ActAsSession | null,
  parts: Parts,
): FastifyReply {
  if (wantsPage(request)) return sendRefusal(refusal('sign_out_failed'), request, reply, parts);
  return reply.send({ ended: true, signed_out: false, location: session?.returnTo ?? '/' });
}

/** Signs the actor out of the app with their own credential; null if the app did not do it. */
async function signOutUpstream(request: FastifyRequest, parts: Parts): Promise<readonly string[] | null> {
  const { sign_out: signOut, upstream } = parts.config;
  if (signOut === undefined) return [];
  const own = credential(request, parts);
  const settled = settledOf(request);
  const via = viaOf(request.raw, settled.host, settled.id, parts);
  const exchange = forward(parts.sender, upstream.url, {
    method: signOut.method,
    target: signOut.path,
    headers: [
      ...describeClient(settled.host, via, parts.headerRules),
      'origin',
      parts.publicOrigin(settled.host),
      ...(own.cookie === null ? [] : ['cookie', own.cookie]),
      ...(own.authorization === null ? [] : ['authorization', own.authorization]),
    ],
    body: null,
  });
  const result = await exchange.result;
  if (result.kind === 'failed') return null;
  result.body.abort();
  return result.status < 400 || result.status === 401 ? setCookies(result.headers) : null;
}
