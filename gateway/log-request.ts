/** One line of the log for one request, when its answer is over: no query, no header, no body. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Parts } from './parts.ts';
import { httpFacts } from './request-facts.ts';
import type { Seat } from './seat.ts';
import type { Settled } from './settle/settle.ts';

export function logWhenDone(
  request: Settled,
  seat: Seat,
  incoming: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): void {
  const began = performance.now();
  const { method, path } = httpFacts(request, incoming, parts);
  // Of a session's requests the record and its trace tell the path, as far as the policy lets it be told.
  const what =
    seat.kind === 'acting' || seat.kind === 'assisted' ? { session_id: seat.session.id } : { path };
  response.once('close', () =>
    parts.log.info(
      {
        request_id: request.id,
        seat: seat.kind,
        method,
        ...what,
        status: response.statusCode,
        whole: response.writableFinished,
        ms: Math.round(performance.now() - began),
      },
      'request',
    ),
  );
}
