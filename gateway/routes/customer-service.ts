/** `GET /_act-as/`: the Customer Service page; to someone who is acting, the question whether that session ends. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import { CUSTOMER_SERVICE } from '../after-sign-in.ts';
import type { Identity } from '../identity/index.ts';
import { customerServicePage } from '../pages/customer-service-page.ts';
import { leavePage } from '../pages/leave-page.ts';
import { PAGE_HEADERS } from '../pages/refusal-page.ts';
import type { Parts } from '../parts.ts';
import { placedOrders, type PlacedOrder } from '../record/placed-orders.ts';
import { readSearch, someoneWhoMayAct } from './customers.ts';
import { findCustomers } from './find-customers.ts';
import { ownProof } from './own-proof.ts';
import { credential, seatOf, sendRefusal } from './own-request.ts';
import { whereFrom } from './sessions.ts';

const MOST_ORDERS = 20;

export function customerServiceRoute(app: FastifyInstance, parts: Parts): void {
  app.get('/_act-as', (_request, reply) => reply.redirect(CUSTOMER_SERVICE, 308));
  app.get(CUSTOMER_SERVICE, async (request, reply) => {
    const seat = await seatOf(request, parts);
    if (seat.kind === 'unknown') return sendRefusal(seat.refusal, request, reply, parts);
    if (seat.kind === 'acting')
      return sendPage(leavePage(seat.session.subject.name, stayAt(request, parts)), reply);
    const q = readSearch(request);
    if (typeof q !== 'string') return sendRefusal(q, request, reply, parts);
    const actor = await someoneWhoMayAct(request, parts);
    if ('code' in actor) return sendRefusal(actor, request, reply, parts);
    const found = q.trim() === '' ? null : await findCustomers(q, actor, credential(request, parts), parts);
    if (found !== null && 'code' in found) return sendRefusal(found, request, reply, parts);
    const policy = parts.policy();
    const page = customerServicePage({
      person: actor.name,
      proof: ownProof(actor.id, parts.proofKey),
      reviews: policy.mayReview(actor) !== null,
      q: q.trim(),
      found,
      reason: policy.settings.reason,
      orders: await ordersOf(actor, parts),
      market: (id) => {
        const market = id === null ? undefined : policy.settings.markets.get(id);
        return {
          name: market?.name ?? id ?? 'None',
          timezone: market?.timezone ?? 'UTC',
          currency: market?.currency,
        };
      },
    });
    return sendPage(page, reply);
  });
}

/** Who helps customers must be able to go on helping them while the record cannot be read. */
async function ordersOf(actor: Identity, parts: Parts): Promise<readonly PlacedOrder[] | null> {
  try {
    return await placedOrders(actor, MOST_ORDERS, parts.policy(), parts.audit);
  } catch (error) {
    if (error instanceof AuditUnavailableError) return null;
    throw error;
  }
}

function stayAt(request: FastifyRequest, parts: Parts): string {
  const before = whereFrom(request, parts);
  return before.startsWith('/_act-as') ? '/' : before;
}

function sendPage(page: string, reply: FastifyReply): FastifyReply {
  for (let index = 0; index < PAGE_HEADERS.length; index += 2)
    void reply.header(PAGE_HEADERS[index] ?? '', PAGE_HEADERS[index + 1] ?? '');
  return reply.send(page);
}
