/** `/_act-as/links`: make a single-use link for one named member of staff, see those that can be used, revoke one. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { durationSchema, type Person } from '../../policy/index.ts';
import { currentUser } from '../acting/start-session.ts';
import { linkEvent } from '../links/link-event.ts';
import { newLinkSecret, type ActAsLink } from '../links/link.ts';
import { makeLink, reviews } from '../links/make-link.ts';
import { recordLink } from '../links/record-link.ts';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { invalidBody } from './invalid-body.ts';
import { credential, crossOrigin, facts, fromOurOrigin, sendRefusal, settledOf } from './own-request.ts';

const linkBody = z.strictObject({
  subject: z.string().min(1).max(128),
  /** Id of the one person who may use it; the caller unless said. */
  actor: z.string().min(1).max(128).optional(),
  reason: z.string().max(10_000).nullish(),
  expires_in: durationSchema.optional(),
});

export function linkRoutes(app: FastifyInstance, parts: Parts): void {
  app.post('/_act-as/links', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const body = linkBody.safeParse(request.body);
    if (!body.success) return sendRefusal(invalidBody(body.error), request, reply, parts);
    const secret = newLinkSecret(randomBytes);
    const { subject, actor, reason, expires_in: lasting } = body.data;
    const link = await makeLink(
      {
        subjectId: subject,
        actorId: actor ?? null,
        reason: reason ?? null,
        lastingMs: lasting ?? null,
        credential: credential(request, parts),
        http: facts(request, parts),
      },
      secret,
      parts,
    );
    if ('code' in link) return sendRefusal(link, request, reply, parts);
    const url = `${parts.publicOrigin(settledOf(request).host)}/_act-as/open/${secret}`;
    return reply.code(201).send({ link: linkJson(link), url });
  });

  app.get('/_act-as/links', async (request, reply) => {
    const person = await currentUser(credential(request, parts), parts);
    if ('code' in person) return sendRefusal(person, request, reply, parts);
    const open = await parts.links.list(parts.clock.now());
    const seen = open.filter((link) => person.id === link.actorId || mayRevoke(person, link, parts));
    return reply.send({ links: seen.map(linkJson) });
  });

  app.post<{ Params: { id: string } }>('/_act-as/links/:id/revoke', async (request, reply) => {
    if (!fromOurOrigin(request, parts)) return sendRefusal(crossOrigin(), request, reply, parts);
    const person = await currentUser(credential(request, parts), parts);
    if ('code' in person) return sendRefusal(person, request, reply, parts);
    const now = parts.clock.now();
    // One that is being pressed at this moment counts too: it may be given back.
    const link = await parts.links.get(request.params.id);
    const revoked =
      link !== null && mayRevoke(person, link, parts) ? await parts.links.revoke(link.id, now) : null;
    if (revoked === null) return sendRefusal(noSuchLink(), request, reply, parts);
    // It is of no use from here on, whether or not the record can say so.
    await recordLink(
      linkEvent(revoked, 'link_revoked', person, { ...facts(request, parts), statusCode: 200 }),
      parts,
    );
    return reply.send({ revoked: true });
  });
}

const noSuchLink = (): Refusal => refusal('not_found', { detail: 'There is no such link that can be used.' });

function mayRevoke(person: Person, link: ActAsLink, parts: Parts): boolean {
  return person.id === link.createdBy.id || reviews(person, link.market?.id ?? null, parts);
}

function linkJson(link: ActAsLink): Readonly<Record<string, unknown>> {
  return {
    id: link.id,
    actor: { id: link.actorId },
    subject: link.subject,
    market: link.market,
    reason: link.reason,
    created_by: link.createdBy,
    created_at: new Date(link.createdAt).toISOString(),
    expires_at: new Date(link.expiresAt).toISOString(),
  };
}
