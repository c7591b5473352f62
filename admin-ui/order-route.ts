/** From an order to the session in which it was placed: by the order's id, to where it stands in the timeline. */
import { z } from 'zod';
import type { AuditEvent, AuditStore } from '../audit-store/index.ts';
import { sessionAddress } from './address.ts';
import type { AdminUiDeps } from './deps.ts';
import type { ReviewerHandler } from './for-reviewers.ts';
import { orderMissingPage } from './order-missing-page.ts';
import { maySee, within, type Scope } from './scope.ts';

const Query = z.object({ id: z.string().trim().min(1).max(200).catch('') });

/** An order that somebody asks about is seldom old; further back, the log's own filters lead to it. */
const PAGE = 1000;
const MOST_PAGES = 100;

export function orderRoute(deps: AdminUiDeps): ReviewerHandler {
  const { store, policyInForce, noteRead } = deps;
  return async (request, reply, scope) => {
    const { id } = Query.parse(request.query);
    const placing = new Set(
      policyInForce().policy.rules.flatMap((rule) => (rule.placesOrder ? [rule.id] : [])),
    );
    const event = id === '' ? null : await findOrder(id, placing, scope, store);
    noteRead({
      by: scope.person,
      what: 'events',
      filter: { event: 'action' },
      rows: event === null ? 0 : 1,
      complete: true,
      requestId: request.id,
    });
    if (event !== null) return reply.redirect(`${sessionAddress(event.sessionId)}#event-${event.seq}`, 303);
    return reply.code(404).type('text/html; charset=utf-8').send(orderMissingPage(scope.person, id));
  };
}

async function findOrder(
  id: string,
  placing: ReadonlySet<string>,
  scope: Scope,
  store: Pick<AuditStore, 'events'>,
): Promise<AuditEvent | null> {
  const isIt = (event: AuditEvent): boolean =>
    String(event.details['order_id']) === id && (event.rule === null || placing.has(event.rule));
  let beforeSeq: number | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { events, next } = await store.events(within(scope, { event: 'action', outcome: 'ok' }), {
      limit: PAGE,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    });
    const found = events.find((event) => isIt(event) && maySee(scope, event.market));
    if (found !== undefined) return found;
    if (next === null) return null;
    beforeSeq = next;
  }
  return null;
}
