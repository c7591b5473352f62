/** What every route of ours needs of its request: settled form, caller, same-origin proof, and the refusal writer. */
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearsToken } from '../bearer/bearer-token.ts';
import type { Parts } from '../parts.ts';
import type { HttpFacts } from '../record/events.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { refusalAnswer } from '../refusal-answer.ts';
import { credentialOf, httpFacts } from '../request-facts.ts';
import type { Credential } from '../identity/index.ts';
import { findSession, isPage, type Seat } from '../seat.ts';
import { headerOf, type Settled } from '../settle/settle.ts';

/** Requests on their way from the listener into Fastify. */
const settledRequests = new WeakMap<IncomingMessage, Settled>();

export function remember(incoming: IncomingMessage, request: Settled): void {
  settledRequests.set(incoming, request);
}

/** The id under which log, upstream and record know the request; Fastify's own would start at `req-1` in each process. */
export function requestIdOf(incoming: IncomingMessage): string {
  return settledRequests.get(incoming)?.id ?? '';
}

/** @throws if the request did not come through the listener, which settles every one. */
export function settledOf(request: FastifyRequest): Settled {
  const settled = settledRequests.get(request.raw);
  if (settled === undefined) throw new Error('a request reached our routes unsettled');
  return settled;
}

export function credential(request: FastifyRequest, parts: Parts): Credential {
  return credentialOf(request.raw, parts);
}

export function facts(request: FastifyRequest, parts: Parts): HttpFacts {
  return httpFacts(settledOf(request), request.raw, parts);
}

export function seatOf(request: FastifyRequest, parts: Parts): Seat | Promise<Seat> {
  return findSession(settledOf(request).cookie, parts);
}

/** Whether to answer as to a person's form or link, rather than to a program. */
export function wantsPage(request: FastifyRequest): boolean {
  return isPage(settledOf(request));
}

/**
 * Whether the request comes from a page of this very site (OWASP CSRF sheet; Fetch Metadata), or from no page at all. A
 * cookie alone proves nothing: other sites can make a browser send it. A bearer, of the app's or of ours, no browser adds
 * by itself, and one that a page had added would come with an Origin.
 */
export function fromOurOrigin(request: FastifyRequest, parts: Parts): boolean {
  const settled = settledOf(request);
  const site = headerOf(settled, 'sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headerOf(settled, 'origin');
  // A form on a page with `Referrer-Policy: no-referrer` says "null"; then only the browser's own word counts.
  if (origin === 'null') return site === 'same-origin';
  if (origin === null && site === null) return bearsToken(settled) || bearsTokenOfTheApp(settled);
  return origin === parts.publicOrigin(settled.host);
}

/** Not Basic: that a browser remembers and sends wherever it goes. */
function bearsTokenOfTheApp(settled: Settled): boolean {
  return /^bearer /i.test(headerOf(settled, 'authorization') ?? '');
}

export const crossOrigin = (): Refusal =>
  refusal('not_allowed', {
    detail:
      'This must be asked from a page of the market itself (the Origin header says otherwise, or nothing).',
    fault: 'origin',
  });

export function sendRefusal(
  why: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Parts,
): FastifyReply {
  const settled = settledOf(request);
  parts.metrics.refused(why.code);
  parts.log.info(
    { request_id: settled.id, method: settled.method, code: why.code, fault: why.fault },
    'refused',
  );
  const answer = refusalAnswer(why, {
    subject: null,
    acting: false,
    requestId: settled.id,
    asPage: wantsPage(request),
    close: false,
    signInPage: parts.config.sign_in_page,
  });
  void reply.code(answer.status);
  for (let index = 0; index < answer.headers.length; index += 2) {
    void reply.header(answer.headers[index] ?? '', answer.headers[index + 1] ?? '');
  }
  return reply.send(answer.body);
}
