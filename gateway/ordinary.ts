/** The short way of ordinary traffic: forwarded as it came, streaming, with nothing of ours in between. */
import type { IncomingMessage } from 'node:http';
import { PassThrough, Transform, type Readable } from 'node:stream';
import { notesSignIn } from './after-sign-in.ts';
import { keepHeaders, type Answer } from './answer.ts';
import { ordinaryAnswerHeaders } from './forward/answer-headers.ts';
import { forward, type Sending, type UpstreamAnswer } from './forward/forward.ts';
import { ordinaryHeaders } from './forward/request-headers.ts';
import type { Parts } from './parts.ts';
import { viaOf } from './request-facts.ts';
import type { Settled } from './settle/settle.ts';

/**
 * @param decorated whether the answer, if it is a page, will carry something of ours
 * @param held the body, where it had to be read already
 */
export function forwardOrdinary(
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
  decorated = false,
  held: Buffer | null = null,
): Sending {
  const via = viaOf(incoming, request.host, request.id, parts);
  const headers = ordinaryHeaders(request, via, parts.headerRules);
  return forward(parts.sender, parts.config.upstream.url, {
    method: request.method,
    target: request.target,
    headers: decorated ? forWholePage(headers) : headers,
    body:
      held ??
      (request.body === null ? null : streamOf(incoming, request.body, parts.config.limits.request_body)),
  });
}

/** The upstream's answer as it goes on to the browser. */
export function ordinaryAnswer(answered: UpstreamAnswer, request: Settled, parts: Parts): Answer {
  const headers = ordinaryAnswerHeaders(answered.headers, {
    upstream: parts.config.upstream.url,
    public: parts.publicOrigin(request.host),
  });
  headers.push('x-request-id', request.id, ...notesSignIn(request, answered.status, parts));
  return { status: answered.status, headers, body: answered.body };
}

/** A page that is to be decorated must come whole: a 304 or a part of it would show no notice. */
function forWholePage(headers: readonly string[]): string[] {
  return keepHeaders(headers, (name) => !/^(?:if-none-match|if-modified-since|if-range|range)$/.test(name));
}

/** A stream of its own, because undici destroys the one it is given when the upstream answers early. */
function streamOf(incoming: IncomingMessage, announced: number | 'chunked', limit: number): Readable {
  const stream = announced === 'chunked' ? counting(limit) : new PassThrough();
  // Until undici takes it up nobody else would hear of its end, and an error that nobody hears ends the process.
  stream.on('error', () => undefined);
  const breakOff = (): void => void stream.destroy(new Error('the client broke off'));
  // It may have left already, while the seat was looked up.
  if (incoming.destroyed) breakOff();
  incoming.once('aborted', breakOff);
  incoming.pipe(stream);
  return stream;
}

/** An announced length was checked before; a chunked body shows its size only as it comes. */
function counting(limit: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) done(new BodyTooLargeError());
      else done(null, chunk);
    },
  });
}

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}
