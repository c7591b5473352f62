/** The log as a page: 200 with the rows that match, or 422 with what is wrong with the filters and no rows. */
import { amountsOf } from './amounts.ts';
import { auditPage } from './audit-page.ts';
import type { AdminUiDeps } from './deps.ts';
import { readFilters } from './filters.ts';
import type { ReviewerHandler } from './for-reviewers.ts';
import { liveWithin } from './live-within.ts';

export function logRoute(deps: AdminUiDeps): ReviewerHandler {
  const { store, markets, noteRead, clock, policyInForce } = deps;
  return async (request, reply, scope) => {
    const read = readFilters(request.query, { scope, markets: markets(), extras: ['cursor', 'newer'] });
    const found = read.ok ? await store.events(read.filter, read.page) : { events: [], next: null };
    if (read.ok) {
      const rows = found.events.length;
      const { filter } = read;
      noteRead({ by: scope.person, what: 'page', filter, rows, complete: true, requestId: request.id });
    }
    const live = await liveWithin(deps, scope);
    const amounts = amountsOf(policyInForce().policy);
    const page = auditPage({ scope, read, found, live, markets: markets(), amounts, now: clock.now() });
    return reply
      .code(read.ok ? 200 : 422)
      .type('text/html; charset=utf-8')
      .send(page);
  };
}
