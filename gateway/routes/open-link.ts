/** `/_act-as/open/…`: where an act-as link leads. Looking at it changes nothing; one button, pressed once, takes the seat. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { endSession } from '../acting/end-session.ts';
import { startSession } from '../acting/start-session.ts';
import { linkEvent } from '../links/link-event.ts';
import { linkFault, linkSecretHash } from '../links/link.ts';
import { lookAtLink, refuseLink, spent, type Usable } from '../links/look-at-link.ts';
import { recordLink } from '../links/record-link.ts';
import { newsCookie } from '../news.ts';
import { linkPage, signInFirstPage } from '../pages/link-page.ts';
import { PAGE_HEADERS } from '../pages/refusal-page.ts';
import type { Parts } from '../parts.ts';
import type { HttpFacts } from '../record/events.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { SessionsUnavailableError } from '../sessions/index.ts';
import { seatBrowser } from './act-as-cookie.ts';
import {
  credential,
  crossOrigin,
  facts,
  fromOurOrigin,
  sendRefusal,
  settledOf,
  wantsPage,
} from './own-request.ts';
import { sessionJson } from './sessions.ts';

type Secret = { Params: { secret: string } };

export function openLinkRoutes(app: FastifyInstance, parts: Parts): void {
  // The address holds the secret: no page there, not even one that says that there is none, may tell where its reader was.
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (/\/open\//i.test(settledOf(request).path.canonical))
      void reply.header('referrer-policy', 'no-referrer');
    done();
  });

  app.get<Secret>('/_act-as/open/:secret', async (request, reply) => {
    const looked = await look(request, parts);
    if ('code' in looked) {
      if (looked.code !== 'not_signed_in' || !wantsPage(request))
        return sendRefusal(looked, request, reply, parts);
      return sendPage(401, signInFirstPage(parts.config.sign_in_page), reply);
    }
    const { actor, link, subject } = looked;
    const policy = parts.policy();
    const page = linkPage({
      actor: actor.name,
      link,
      terms: policy.termsOf(actor, subject),
      timezone: policy.settings.markets.get(subject.market ?? '')?.timezone ?? 'UTC',
    });
    return sendPage(200, page, reply);
  });

  app.post<Secret>('/_act-as/open/:secret', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const looked = await look(request, parts);
    if ('code' in looked) return sendRefusal(looked, request, reply, parts);
    return start(looked, request, reply, parts);
  });
}

function look(request: FastifyRequest<Secret>, parts: Parts): Promise<Usable | Refusal> {
  return lookAtLink(request.params.secret, credential(request, parts), withoutSecret(request, parts), parts);
}

function withoutSecret(request: FastifyRequest, parts: Parts): HttpFacts {
  return { ...facts(request, parts), path: '/_act-as/open' };
}

/** Of two clicks one gets the claim, at whatever instance; if its start is refused, the link is as good as before. */
async function start(
  { link, actor }: Usable,
  request: FastifyRequest<Secret>,
  reply: FastifyReply,
  parts: Parts,
): Promise<FastifyReply> {
  const http = withoutSecret(request, parts);
  const claimed = await parts.links.claim(link.id, parts.clock.now());
  if (claimed === null) {
    const now = await parts.links.find(linkSecretHash(request.params.secret) ?? '');
    const fault = now === null ? 'expired' : (linkFault(now, parts.clock.now()) ?? 'used');
    return sendRefusal(await refuseLink(link, actor, spent(fault), http, parts), request, reply, parts);
  }
  const started = await startSession(
    {
      subjectId: link.subject.id,
      reason: link.reason,
      returnTo: '/',
      takeover: false,
      credential: credential(request, parts),
      http,
      onlyFor: link.actorId,
      began: { by: 'link', link: link.id },
    },
    parts,
  );
  if (started.kind === 'refused') {
    await settle(link.id, 'open', parts);
    return sendRefusal(await refuseLink(link, actor, started.refusal, http, parts), request, reply, parts);
  }
  const { session } = started;
  const settled = await settle(link.id, 'used', parts);
  if (settled !== true) {
    await endSession(session.id, settled === null ? 'lost' : 'actor_not_permitted', null, parts);
    const why = settled === null ? inDoubt() : spent('revoked');
    return sendRefusal(await refuseLink(link, actor, why, http, parts), request, reply, parts);
  }
  const details = { session: session.id };
  await recordLink(linkEvent(link, 'link_used', actor, { ...http, statusCode: 303 }, details), parts);
  seatBrowser(reply, started.token, parts);
  void reply.header('set-cookie', newsCookie({ kind: 'accessed' }));
  if (wantsPage(request)) return reply.redirect(started.landOn, 303);
  return reply.code(201).send({ session: sessionJson(session), location: started.landOn });
}

/** It may have been revoked since it was claimed. */
const inDoubt = (): Refusal =>
  refusal('sessions_unavailable', {
    detail:
      'Nobody can say at the moment whether this link still counts, so no session was begun. If it does not open shortly, ask for a new one.',
  });

/**
 * False where the link was revoked since it was claimed, null where nobody can say. A claim that cannot be settled stays
 * one: the link is of no use any more, which is safe.
 */
async function settle(id: string, state: 'used' | 'open', parts: Parts): Promise<boolean | null> {
  try {
    return await parts.links.settle(id, state);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
    parts.log.warn({ link: id, state }, 'what became of a link could not be kept');
    return null;
  }
}

function sendPage(status: number, page: string, reply: FastifyReply): FastifyReply {
  for (let index = 0; index < PAGE_HEADERS.length; index += 2)
    void reply.header(PAGE_HEADERS[index] ?? '', PAGE_HEADERS[index + 1] ?? '');
  return reply.code(status).send(page);
}
