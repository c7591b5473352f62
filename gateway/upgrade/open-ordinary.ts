/** An ordinary WebSocket: the app's own matter, joined to it as it is. */
import { deliver } from '../deliver.ts';
import { failed } from '../enforce.ts';
import { forward } from '../forward/forward.ts';
import { ordinaryHeaders } from '../forward/request-headers.ts';
import { ordinaryAnswer } from '../ordinary.ts';
import type { Parts } from '../parts.ts';
import { unsettled, type Refusal } from '../refusal.ts';
import { refuse } from '../refuse.ts';
import { viaOf } from '../request-facts.ts';
import type { Asking } from './asking.ts';
import { isHandshake } from './handshake.ts';
import { logWhenOver } from './log-when-over.ts';
import { createOpening, STOPPING } from './opening.ts';
import { takePlace } from './place.ts';
import { relay } from './relay.ts';
import { switchProtocols } from './response-on.ts';
import { upgrading } from './upgrading.ts';
import { whileSilent } from './while-silent.ts';

export async function openOrdinary(asking: Asking, parts: Parts): Promise<void> {
  const { request, incoming, head, response } = asking;
  const { socket } = incoming;
  const refuseIt = (why: Refusal): Promise<void> => refuse(why, request, null, incoming, response, parts);
  if (!isHandshake(request, incoming.httpVersion, head)) return refuseIt(unsettled('handshake'));
  const noPlace = takePlace(socket, null, parts);
  if (noPlace !== null) return refuseIt(noPlace);

  const opening = createOpening(socket);
  parts.underWay.closeAtStop(() => opening.close(...STOPPING), opening.over);
  const asked = upgrading(parts.sender);
  const exchange = forward(asked.sender, parts.config.upstream.url, {
    method: request.method,
    target: request.target,
    headers: ordinaryHeaders(request, viaOf(incoming, request.host, request.id, parts), parts.headerRules),
    body: null,
  });
  response.once('close', exchange.abort);
  const result = await whileSilent(socket, exchange.result);
  if (result.kind === 'failed') return refuseIt(failed(result, request, parts).refusal);

  const stallMs = parts.config.upstream.body_timeout;
  const answer = ordinaryAnswer(result, request, parts);
  const upstream = asked.upstream();
  if (upstream === null) {
    // The app did not want it: its answer goes back, and both connections end.
    await deliver(answer, response, { transforms: [], readToEnd: false, stallMs });
    return;
  }
  if (socket.destroyed) return void upstream.destroy();
  switchProtocols(response, answer.headers);
  opening.opened(relay({ browser: socket, upstream, stallMs, fromBrowser: null, onFault: () => undefined }));
  logWhenOver(asking, opening, parts);
}
