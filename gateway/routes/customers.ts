/** `GET /_act-as/customers?q=`: customers the caller could act for, each with why not where not. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actsForNobody, currentUser } from '../acting/start-session.ts';
import type { Identity } from '../identity/index.ts';
import type { Parts } from '../parts.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import { findCustomers, type FoundCustomer } from './find-customers.ts';
import { credential, sendRefusal } from './own-request.ts';

const query = z.object({ q: z.string().max(200).default('') });

export function customersRoute(app: FastifyInstance, parts: Parts): void {
  app.get('/_act-as/customers', async (request, reply) => {
    const asked = readSearch(request);
    if (typeof asked !== 'string') return sendRefusal(asked, request, reply, parts);
    const actor = await someoneWhoMayAct(request, parts);
    if ('code' in actor) return sendRefusal(actor, request, reply, parts);
    const found = await findCustomers(asked, actor, credential(request, parts), parts);
    if ('code' in found) return sendRefusal(found, request, reply, parts);
    return reply.send({ customers: found.customers.map(customerJson), more: found.more });
  });
}

/** The text to search for, or what is wrong with it. */
export function readSearch(request: FastifyRequest): string | Refusal {
  const asked = query.safeParse(request.query);
  const detail = 'q must be one text of at most 200 characters.';
  return asked.success ? asked.data.q : refusal('invalid_request', { detail, fault: 'q' });
}

/** The caller, if there is anybody at all for whom they may act. */
export async function someoneWhoMayAct(request: FastifyRequest, parts: Parts): Promise<Identity | Refusal> {
  const actor = await currentUser(credential(request, parts), parts);
  if ('code' in actor || parts.policy().mayActAtAll(actor)) return actor;
  return actsForNobody(actor);
}

function customerJson({
  person,
  status,
  permission,
  taken,
}: FoundCustomer): Readonly<Record<string, unknown>> {
  const { assignedTo, claims: _unshown, blocked: _said, ...shown } = person;
  return {
    ...shown,
    status,
    assigned_to: assignedTo,
    eligible: permission.allowed,
    ...(permission.allowed ? {} : { reason: permission.reason, detail: ACT_REFUSALS[permission.reason] }),
    ...(taken === null
      ? {}
      : {
          taken: {
            by: taken.session.actor.name,
            since: new Date(taken.session.startedAt).toISOString(),
            own: taken.own,
            may_take_over: taken.mayTakeOver,
          },
        }),
  };
}
