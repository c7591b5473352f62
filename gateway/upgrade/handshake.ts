/** The opening handshake of a WebSocket (RFC 6455 section 4), as a browser asks for it and as an app agrees. */
import { createHash } from 'node:crypto';
import type { WebSocketTerms } from '../../policy/index.ts';
import { answerHeader } from '../answer.ts';
import { headerLines, headerOf, type Settled } from '../settle/settle.ts';

const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What goes up of it; the names in lower case. */
export type Handshake = Readonly<Record<string, string>> & { readonly 'sec-websocket-key': string };

/** @param head what came behind the request: bytes before the app agreed could be a second one (RFC 9931). */
export function isHandshake(request: Settled, httpVersion: string, head: Buffer): boolean {
  return (
    httpVersion === '1.1' &&
    request.upgrade &&
    request.body === null &&
    head.length === 0 &&
    headerLines(request, 'sec-websocket-version') === '13' &&
    KEY.test(headerLines(request, 'sec-websocket-key') ?? '')
  );
}

/** No extension is offered: frames stay what they look like, and their size is what is read. */
export function actingHandshake(request: Settled, { protocols }: WebSocketTerms): Handshake {
  const offered = (headerLines(request, 'sec-websocket-protocol') ?? '').split(',').map((one) => one.trim());
  const passed = [...new Set(offered)].filter((one) => protocols.includes(one));
  return {
    'sec-websocket-key': headerOf(request, 'sec-websocket-key') ?? '',
    'sec-websocket-version': '13',
    ...(passed.length === 0 ? {} : { 'sec-websocket-protocol': passed.join(', ') }),
  };
}

/** Whether the app's 101 agrees to this very handshake, and to nothing that it did not offer. */
export function isAgreed(headers: readonly string[], handshake: Handshake): boolean {
  const accept = createHash('sha1')
    .update(handshake['sec-websocket-key'] + GUID)
    .digest('base64');
  const protocol = answerHeader(headers, 'sec-websocket-protocol');
  const offered = (handshake['sec-websocket-protocol'] ?? '').split(', ');
  return (
    answerHeader(headers, 'sec-websocket-accept') === accept &&
    answerHeader(headers, 'sec-websocket-extensions') === null &&
    (protocol === null || (protocol !== '' && offered.includes(protocol)))
  );
}
