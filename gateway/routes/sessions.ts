/** `/_act-as/sessions`: start one, see the live ones, end someone else's. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { endSession } from '../acting/end-session.ts';
import { currentUser, startSession } from '../acting/start-session.ts';
import { newsCookie } from '../news.ts';
import { pageBefore } from '../page-before.ts';
import type { Parts } from '../parts.ts';
import { refusal } from '../refusal.ts';
import type { ActAsSession } from '../sessions/index.ts';
import type { Person } from '../../policy/index.ts';
import { seatBrowser } from './act-as-cookie.ts';
import { isOwnProof } from './own-proof.ts';
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

const startBody = z.strictObject({
  subject: z.string().min(1).max(128),
  reason: z.string().max(10_000).nullish(),
  /** The page to go back to, for pages that send no Referer. */
  return_to: z.string().max(2_048).nullish(),
  /** Ends what is in the way, with permission a colleague's session too; `own`: only the caller's. */
  takeover: z.union([z.boolean(), z.literal('own'), z.stringbool()]).default(false),
  /** From the form of a page of ours: lets someone who is acting go straight on to the next customer. */
  proof: z.string().max(100).nullish(),
});

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  app.post('/_act-as/sessions', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const body = startBody.safeParse(request.body);
    if (!body.success) {
      const fault = body.error.issues[0]?.path.join('.') || 'body';
      const detail = `${fault}: ${body.error.issues[0]?.message ?? 'wrong'}`;
      return sendRefusal(refusal('invalid_request', { detail, fault }), request, reply, parts);
    }
    const started = await startSession(
      {
        subjectId: body.data.subject,
        reason: body.data.reason ?? null,
        returnTo: returnPath(body.data.return_to, request, parts),
        takeover: (await mayDisplace(body.data.proof, request, parts)) ? body.data.takeover : false,
        credential: credential(request, parts),
        http: facts(request, parts),
      },
      parts,
    );
    if (started.kind === 'refused') return sendRefusal(started.refusal, request, reply, parts);
    seatBrowser(reply, started.token, parts);
    void reply.header('set-cookie', newsCookie({ kind: 'accessed' }));
    const location = started.landOn;
    if (wantsPage(request)) return reply.redirect(location, 303);
    return reply.code(201).send({ session: sessionJson(started.session), location });
  });

  app.get('/_act-as/sessions', async (request, reply) => {
    const person = await currentUser(credential(request, parts), parts);
    if ('code' in person) return sendRefusal(person, request, reply, parts);
    const live = await parts.sessions.list(parts.clock.now());
    return reply.send({
      sessions: live.filter((session) => maySee(person, session, parts)).map(sessionJson),
    });
  });

  app.post<{ Params: { id: string } }>('/_act-as/sessions/:id/stop', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const person = await currentUser(credential(request, parts), parts);
    if ('code' in person) return sendRefusal(person, request, reply, parts);
    const session = await liveSession(request.params.id, parts);
    const own = person.id === session?.actor.id;
    if (session === undefined || !(own || mayReview(person, session, parts))) {
      return sendRefusal(
        refusal('not_found', { detail: 'There is no such live session.' }),
        request,
        reply,
        parts,
      );
    }
    // The row stands under the actor's name; address and browser are the reviewer's.
    const http = {
      ...facts(request, parts),
      statusCode: wantsPage(request) ? 303 : 200,
      ipAddress: null,
      userAgent: null,
    };
    await endSession(session.id, 'stopped_by_reviewer', http, parts, person);
    if (wantsPage(request)) return reply.redirect(whereFrom(request, parts), 303);
    return reply.send({ ended: true });
  });
}

export function sessionJson(session: ActAsSession): Readonly<Record<string, unknown>> {
  return {
    id: session.id,
    actor: { id: session.actor.id, name: session.actor.name, email: session.actor.email },
    subject: { id: session.subject.id, name: session.subject.name, email: session.subject.email },
    market: session.market,
    mode: session.mode,
    pause: session.pause,
    locked: session.locked,
    reason: session.reason,
    started_at: new Date(session.startedAt).toISOString(),
    idle_expires_at: new Date(session.idleExpiresAt).toISOString(),
    absolute_expires_at: new Date(session.absoluteExpiresAt).toISOString(),
  };
}

/** What is known here can be ended even while nobody can be asked which sessions live. */
async function liveSession(id: string, parts: Parts): Promise<ActAsSession | undefined> {
  const now = parts.clock.now();
  const known = parts.sessions.liveById(id, now);
  return known ?? (await parts.sessions.list(now)).find((session) => session.id === id);
}

function maySee(person: Person, session: ActAsSession, parts: Parts): boolean {
  return person.id === session.actor.id || mayReview(person, session, parts);
}

function mayReview(person: Person, session: ActAsSession, parts: Parts): boolean {
  const sees = parts.policy().mayReview(person);
  return sees === 'every_market' || (sees === 'own_market' && session.market?.id === person.market);
}

/**
 * From within a seat nothing is displaced but by a form of a page that the actor saw as themselves: a script in one
 * customer's page must not carry its reader into another customer's.
 */
async function mayDisplace(
  proof: string | null | undefined,
  request: FastifyRequest,
  parts: Parts,
): Promise<boolean> {
  const seat = await seatOf(request, parts);
  if (seat.kind === 'acting') return isOwnProof(proof, seat.session.actor.id, parts.proofKey);
  return seat.kind !== 'unknown';
}

/** A path on our own origin that was named to go back to, or the page the request came from. */
export function returnPath(given: string | null | undefined, request: FastifyRequest, parts: Parts): string {
  const origin = parts.publicOrigin(settledOf(request).host);
  const named = typeof given === 'string' && /^\/(?![/\\])/.test(given) && URL.canParse(given, origin);
  return named && new URL(given, origin).origin === origin ? given : whereFrom(request, parts);
}

/** The page the request was made from, as a path on our own origin; the front page if it does not say. */
export function whereFrom(request: FastifyRequest, parts: Parts): string {
  return pageBefore(settledOf(request), parts) ?? '/';
}
