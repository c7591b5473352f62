/** WebSockets: an ordinary one passes through to the app; while acting there are none. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ordinaryAnswerHeaders } from './forward/answer-headers.ts';
import { ordinaryHeaders } from './forward/request-headers.ts';
import type { Parts } from './parts.ts';
import { rawRefusal } from './refusal-answer.ts';
import { httpFacts, viaOf } from './request-facts.ts';
import { recordUnsettled } from './record/unsettled.ts';
import { unsettled } from './refusal.ts';
import { isOwnPath } from './routes/own-app.ts';
import { findSession, takeSeat } from './seat.ts';
import { headerOf, settle, type Settled, type Unsettled } from './settle/settle.ts';

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Node hands over only what asks for a WebSocket; any other upgrade is an ordinary request that ignores the wish. */
export function asksForWebSocket(incoming: IncomingMessage): boolean {
  return incoming.method === 'GET' && incoming.headers.upgrade?.toLowerCase() === 'websocket';
}

export async function handleUpgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  parts: Parts,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  const request = settle(incoming, parts.settleRules, parts.newId());
  const refuse = (status: number): void => void socket.end(rawRefusal(status));
  if (request.kind === 'unsettled') return refuse(await recordIfActing(request, incoming, parts));
  if (isOwnPath(request.path.canonical)) return refuse(404);
  const seat = await takeSeat(request, incoming, parts);
  parts.metrics.request(seat.kind);
  switch (seat.kind) {
    case 'ordinary':
    case 'assisted':
      return isHandshake(request, head) ? passThrough(request, incoming, socket, parts) : refuse(400);
    case 'acting': {
      const why = unsettled('upgrade');
      await recordUnsettled(seat.session, why, httpFacts(request, incoming, parts), parts);
      return refuse(why.status);
    }
    case 'ended':
      return refuse(401);
    case 'unknown':
      return refuse(seat.refusal.status);
  }
}

/** RFC 6455 section 4.1; and no bytes before the upstream agreed, which could smuggle a request past us (RFC 9931). */
function isHandshake(request: Settled, head: Buffer): boolean {
  if (request.body !== null || head.length > 0) return false;
  return (
    headerOf(request, 'sec-websocket-version') === '13' &&
    KEY.test(headerOf(request, 'sec-websocket-key') ?? '')
  );
}

async function recordIfActing(request: Unsettled, incoming: IncomingMessage, parts: Parts): Promise<number> {
  const why = unsettled(request.fault);
  const seat = await findSession(request.cookie, parts);
  if (seat.kind === 'acting') {
    await recordUnsettled(seat.session, why, httpFacts(request, incoming, parts), parts);
  }
  return why.status;
}

function passThrough(request: Settled, incoming: IncomingMessage, socket: Duplex, parts: Parts): void {
  const via = viaOf(incoming, request.host, request.id, parts);
  const origins = { upstream: parts.config.upstream.url, public: parts.publicOrigin(request.host) };
  parts.dispatcher.dispatch(
    {
      origin: parts.config.upstream.url,
      path: request.target,
      method: 'GET',
      headers: ordinaryHeaders(request, via, parts.headerRules),
      upgrade: 'websocket',
    },
    {
      onRequestStart: (controller) => {
        socket.once('close', () => controller.abort(new Error('the client left')));
      },
      onRequestUpgrade: (controller, _status, _headers, upstream) => {
        const lines = ordinaryAnswerHeaders(rawLines(controller.rawHeaders), origins);
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${text(lines)}\r\n`,
        );
        upstream.on('error', () => upstream.destroy());
        upstream.once('close', () => socket.destroy());
        socket.once('close', () => upstream.destroy());
        upstream.pipe(socket).pipe(upstream);
      },
      // The app did not want it: its status goes back, and both connections end.
      onResponseStart: (controller, status) => {
        if (status < 200) return;
        socket.end(rawRefusal(status));
        controller.abort(new Error('the upgrade was declined'));
      },
      onResponseError: () => void socket.end(rawRefusal(502)),
    },
  );
}

function rawLines(raw: unknown): string[] {
  return Array.isArray(raw)
    ? raw.map((part: unknown) => (Buffer.isBuffer(part) ? part.toString('latin1') : String(part)))
    : [];
}

function text(lines: readonly string[]): string {
  let all = '';
  for (let index = 0; index < lines.length; index += 2)
    all += `${lines[index] ?? ''}: ${lines[index + 1] ?? ''}\r\n`;
  return all;
}
