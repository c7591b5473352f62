/** The log for programs: `{events, next}`, newest first; `next` is the `cursor` of the following page. */
import type { AdminUiDeps } from './deps.ts';
import { eventJson } from './event-json.ts';
import { refuseFilters } from './filter-refusal.ts';
import { readFilters } from './filters.ts';
import type { ReviewerHandler } from './for-reviewers.ts';

export function eventsRoute({ store, markets, noteRead }: AdminUiDeps): ReviewerHandler {
  return async (request, reply, scope) => {
    const read = readFilters(request.query, { scope, markets: markets(), extras: ['cursor', 'limit'] });
    if (!read.ok) return refuseFilters(request, reply, read.problems);
    const { filter, page } = read;
    const { events, next } = await store.events(filter, page);
    const rows = events.length;
    noteRead({ by: scope.person, what: 'events', filter, rows, complete: true, requestId: request.id });
    return reply.send({ events: events.map(eventJson), next });
  };
}
