/** One session's timeline; to a reviewer of another market it is as unknown as one that never was. */
import { z } from 'zod';
import { amountsOf } from './amounts.ts';
import type { AdminUiDeps } from './deps.ts';
import type { ReviewerHandler } from './for-reviewers.ts';
import { liveWithin } from './live-within.ts';
import { maySee } from './scope.ts';
import { sessionPage } from './session-page.ts';
import { zoneFor } from './zone.ts';

const Params = z.object({ id: z.string() });

export function sessionRoute(deps: AdminUiDeps): ReviewerHandler {
  const { store, markets, refuse, noteRead, clock, policyInForce } = deps;
  return async (request, reply, scope) => {
    const { id } = Params.parse(request.params);
    const { events, decisions, decisionCount } = await store.session(id);
    const [first, ...rest] = events;
    if (!first || !events.every((event) => maySee(scope, event.market))) {
      return refuse(request, reply, 'not_found');
    }
    const filter = { sessionId: id };
    noteRead({
      by: scope.person,
      what: 'session',
      filter,
      rows: events.length,
      complete: true,
      requestId: request.id,
    });
    const live = (await liveWithin(deps, scope))?.find((session) => session.id === id) ?? null;
    const zone = zoneFor(scope, first.market?.id ?? '', markets());
    const now = clock.now();
    const amounts = amountsOf(policyInForce().policy);
    return reply.type('text/html; charset=utf-8').send(
      sessionPage({
        scope,
        sessionId: id,
        events: [first, ...rest],
        decisions,
        decisionCount,
        live,
        zone,
        amounts,
        now,
      }),
    );
  };
}
