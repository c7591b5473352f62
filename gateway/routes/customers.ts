/** `GET /_act-as/customers?q=`: customers the caller could act for, each with why not where not. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { currentUser } from '../acting/start-session.ts';
import type { Identity } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import { ACT_REFUSALS, refusal } from '../refusal.ts';
import type { Policy } from '../../policy/index.ts';
import { credential, sendRefusal } from './own-request.ts';

const MOST = 20;
const query = z.object({ q: z.string().max(200).default('') });

export function customersRoute(app: FastifyInstance, parts: Parts): void {
  app.get('/_act-as/customers', async (request, reply) => {
    const asked = query.safeParse(request.query);
    if (!asked.success) {
      const detail = 'q must be one text of at most 200 characters.';
      return sendRefusal(refusal('invalid_request', { detail, fault: 'q' }), request, reply, parts);
    }
    const own = credential(request, parts);
    const actor = await currentUser(own, parts);
    if ('code' in actor) return sendRefusal(actor, request, reply, parts);
    const policy = parts.policy();
    if (!policy.mayActAtAll(actor)) {
      const detail = ACT_REFUSALS.actor_not_permitted;
      return sendRefusal(
        refusal('not_allowed', { detail, fault: 'actor_not_permitted' }),
        request,
        reply,
        parts,
      );
    }
    const found = await parts.directory.search(asked.data.q, MOST, own);
    switch (found.kind) {
      case 'found':
        return reply.send({
          customers: found.value.map((customer) => customerJson(customer, actor, policy)),
        });
      case 'unknown':
        return reply.send({ customers: [] });
      case 'unavailable':
        parts.log.warn({ cause: found.cause }, 'the directory did not answer');
        return sendRefusal(refusal('upstream_unreachable'), request, reply, parts);
    }
  });
}

function customerJson(
  customer: Identity,
  actor: Identity,
  policy: Policy,
): Readonly<Record<string, unknown>> {
  const permission = policy.mayActFor(actor, customer);
  const { assignedTo, claims: _unshown, ...shown } = customer;
  return {
    ...shown,
    assigned_to: assignedTo,
    eligible: permission.allowed,
    ...(permission.allowed ? {} : { reason: permission.reason, detail: ACT_REFUSALS[permission.reason] }),
  };
}
