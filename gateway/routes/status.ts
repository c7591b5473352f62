/** `GET /_act-as/status`: who the browser's person is, and in whose seat, for the script in the page. Never touches. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearsToken } from '../bearer/bearer-token.ts';
import { firstName } from '../decorate-page.ts';
import type { Identity } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import { endWords, endsSignIn } from '../session-ended.ts';
import type { ActAsSession, EndedSession } from '../sessions/index.ts';
import { credential, seatOf, sendRefusal, settledOf } from './own-request.ts';

/** Old enough to spare the app, young enough that a button does not outlive a sign-out by much. */
const MAX_AGE_MS = 5_000;

export function statusRoute(app: FastifyInstance, parts: Parts): void {
  app.get('/_act-as/status', async (request, reply) => {
    const seat = await seatOf(request, parts);
    if (seat.kind === 'unknown') return sendRefusal(seat.refusal, request, reply, parts);
    const person = await personOf(request, parts);
    const now = parts.clock.now();
    // A bearer in the hands of anybody else tells them nothing.
    const shown = (session: ActAsSession): boolean =>
      !bearsToken(settledOf(request)) || session.actor.id === person?.id;
    return reply.send({
      actor: person === null ? null : actorJson(person, parts),
      acting: seat.kind === 'acting' && shown(seat.session) ? actingJson(seat.session, now) : null,
      ended:
        seat.kind === 'ended' && seat.ended !== null && shown(seat.ended.session)
          ? endedJson(seat.ended)
          : null,
      assisted: person === null ? null : assistedJson(parts.sessions.liveFor(person.id, now)),
    });
  });
}

/** Whoever was made a manager a moment ago finds their buttons with the next page, and not with the one after. */
async function personOf(request: FastifyRequest, parts: Parts): Promise<Identity | null> {
  const own = credential(request, parts);
  const known = await parts.identity.identify(own, MAX_AGE_MS);
  if (known.kind !== 'known') return null;
  const { identity } = known;
  if (parts.policy().mayActAtAll(identity) || !parts.askAgainRate.take(identity.id)) return identity;
  const now = await parts.identity.identify(own, 0);
  switch (now.kind) {
    case 'known':
      return now.identity;
    case 'anonymous':
      return null;
    case 'unavailable':
      return identity;
  }
}

function actorJson(person: Identity, parts: Parts): Readonly<Record<string, unknown>> {
  return {
    name: person.name,
    first_name: firstName(person.name),
    may_act: parts.policy().mayActAtAll(person),
  };
}

function actingJson(session: ActAsSession, now: number): Readonly<Record<string, unknown>> {
  return {
    session_id: session.id,
    subject: { name: session.subject.name },
    mode: session.mode,
    lock: session.pause === 'on_lock' ? (session.locked ? 'locked' : 'unlocked') : null,
    started_at: session.startedAt,
    idle_left_ms: Math.max(0, session.idleExpiresAt - now),
    absolute_left_ms: Math.max(0, session.absoluteExpiresAt - now),
  };
}

/** Why the session of this browser's cookie is over, for the one who was acting. */
function endedJson({ session, why }: EndedSession): Readonly<Record<string, unknown>> {
  return { session_id: session.id, why, words: endWords(why, session), sign_in_again: endsSignIn(why) };
}

function assistedJson(session: ActAsSession | null): Readonly<Record<string, unknown>> | null {
  if (session === null) return null;
  return {
    actor_first_name: firstName(session.actor.name),
    paused: session.locked,
    started_at: session.startedAt,
    idle_expires_at: session.idleExpiresAt,
    absolute_expires_at: session.absoluteExpiresAt,
  };
}
