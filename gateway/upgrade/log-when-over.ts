/** One line of the log for one WebSocket, when it is over: as other requests have theirs when their answer is. */
import type { Parts } from '../parts.ts';
import { httpFacts } from '../request-facts.ts';
import type { Asking } from './asking.ts';
import type { Opening } from './opening.ts';

export function logWhenOver({ request, incoming, seat }: Asking, opening: Opening, parts: Parts): void {
  if (!parts.logsRequests || (seat.kind === 'ordinary' && parts.config.log.requests !== 'all')) return;
  const began = performance.now();
  const what =
    seat.kind === 'ordinary'
      ? { path: httpFacts(request, incoming, parts).path }
      : { session_id: seat.session.id };
  void opening.over.then(() =>
    parts.log.info(
      { request_id: request.id, seat: seat.kind, ...what, ms: Math.round(performance.now() - began) },
      'websocket closed',
    ),
  );
}
