/** Stage 5: carries a decision on an acting request out; either the upstream's answer comes of it or a refusal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { errors } from 'undici';
import type { Answer } from './answer.ts';
import { amendBody, amendsBody } from './acting/amend.ts';
import { captureJson } from './acting/capture.ts';
import { CART_ID } from './acting/cart-ids.ts';
import { commitSeat, type CommittedSeat } from './acting/commit-seat.ts';
import type { Decided } from './decide.ts';
import { actingAnswerHeaders, setCookies, type Secrets } from './forward/answer-headers.ts';
import { forward, type UpstreamFailure } from './forward/forward.ts';
import { actingHeaders } from './forward/request-headers.ts';
import { BodyTooLargeError } from './ordinary.ts';
import type { Parts } from './parts.ts';
import { perConnection } from './per-connection.ts';
import { refusal, unsettled, type Refusal } from './refusal.ts';
import type { Details } from './record/events.ts';
import { viaOf } from './request-facts.ts';
import { isPage } from './seat.ts';
import { SessionsUnavailableError, type ActAsSession } from './sessions/index.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type Forwarded = {
  readonly kind: 'forwarded';
  readonly answer: Answer;
  /** The session as touched by this request. */
  readonly session: ActAsSession;
  /** What the record wants of the answer, once it is over. */
  readonly captured: () => Details;
};

export type NotForwarded = {
  readonly kind: 'not_forwarded';
  readonly refusal: Refusal;
  /** Whether a write may have reached the upstream all the same. */
  readonly maySent: boolean;
};

/** The body of an acting request, amended, before the intent is written and the first byte leaves. */
export type ReadyBody =
  | { readonly kind: 'ready'; readonly body: Buffer | Readable | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function prepareBody({ request, decision, held }: Decided, incoming: IncomingMessage): ReadyBody {
  const { amend } = decision.obligations;
  if (decision.bodyLimit !== 'stream' && (held?.length ?? 0) > decision.bodyLimit)
    return refusedBody('body_too_large');
  if (!amendsBody(amend)) return { kind: 'ready', body: held ?? (request.body === null ? null : incoming) };
  const amended = amendBody(headerOf(request, 'content-type'), held ?? NO_BYTES, amend);
  return amended.ok ? { kind: 'ready', body: amended.bytes } : refusedBody(amended.fault);
}

const NO_BYTES = Buffer.alloc(0);

function refusedBody(fault: Parameters<typeof unsettled>[0]): ReadyBody {
  return { kind: 'refused', refusal: unsettled(fault) };
}

/**
 * Passes the commit point, seats the request and sends it.
 * @param reader whose leaving ends the exchange; null where the end of it is worth knowing all the same
 */
export async function enforce(
  decided: Decided,
  body: Buffer | Readable | null,
  incoming: IncomingMessage,
  parts: Parts,
  reader: ServerResponse | null,
): Promise<Forwarded | NotForwarded> {
  const { request, decision } = decided;
  const committing = commitSeat(decided, parts);
  const seat = committing instanceof Promise ? await committing : committing;
  if (seat.kind === 'not_seated') return { kind: 'not_forwarded', refusal: seat.refusal, maySent: false };

  const fields = capturedFields(decision);
  const capture = Object.keys(fields).length > 0 ? captureJson(fields) : null;
  const exchange = forward(parts.sender, parts.config.upstream.url, {
    method: request.method,
    target: decided.target,
    headers: seatedHeaders(decided, seat, capture !== null, incoming, parts),
    body,
    see: capture?.see,
  });
  reader?.on('close', exchange.abort);
  if (reader?.destroyed === true) exchange.abort();
  const result = await exchange.result;
  if (result.kind === 'failed') return failed(result, request, parts);

  const brought = setCookies(result.headers);
  if (brought.length > 0) await keepCookies(seat.session, brought, decided, parts);
  const origins = { upstream: parts.config.upstream.url, public: parts.publicOrigin(request.host) };
  const secrets = secretsOf(seat, brought, incoming.socket);
  const answerHeaders = actingAnswerHeaders(result.headers, origins, secrets);
  answerHeaders.push('x-request-id', request.id);
  const { mode } = decided.session;
  return {
    kind: 'forwarded',
    answer: { status: result.status, headers: answerHeaders, body: result.body },
    // The banner says what this request was decided by.
    session: seat.session.mode === mode ? seat.session : { ...seat.session, mode },
    captured: () => capture?.captured(result.headers) ?? NOTHING,
  };
}

function seatedHeaders(
  { request, decision }: Decided,
  { token, cookie }: CommittedSeat,
  capturing: boolean,
  incoming: IncomingMessage,
  parts: Parts,
): string[] {
  const seat: Record<string, string> = {
    ...decision.obligations.amend.header,
    ...token,
    'accept-encoding': capturing
      ? 'identity'
      : codingsOf(incoming.socket, headerOf(request, 'accept-encoding') ?? ''),
  };
  if (cookie !== null) seat['cookie'] = cookie;
  const via = viaOf(incoming, request.host, request.id, parts);
  const headers = actingHeaders(request, via, parts.headerRules, seat);
  return headers.includes('range') && isPage(request) ? without(headers, 'range') : headers;
}

/** A cart's own id is read along with what the record wants. */
function capturedFields({ obligations, cart }: Decided['decision']): Readonly<Record<string, string>> {
  return cart !== null && 'at' in cart ? { ...obligations.capture, [CART_ID]: cart.at } : obligations.capture;
}

/** What was done was done, even if the cookies that came of it cannot be kept: the answer goes on. */
async function keepCookies(
  session: ActAsSession,
  cookies: readonly string[],
  { request, target }: Decided,
  parts: Parts,
): Promise<void> {
  try {
    await parts.jars.store(session.tokenHash, cookies, target);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
    parts.log.warn(
      { request_id: request.id, session_id: session.id },
      'cookies of the upstream could not be kept',
    );
  }
}

/** What must not be played back to the browser: the subject's token, and every cookie of the jar, old and new. */
function secretsOf(
  { token, cookie }: CommittedSeat,
  brought: readonly string[],
  connection: object,
): Secrets {
  const kept = cookie === null ? NO_VALUES : cookieValuesOf(connection, cookie);
  return {
    tokens: Object.values(token).map((value) => value.slice(value.indexOf(' ') + 1)),
    cookies:
      brought.length === 0 ? kept : [...kept, ...brought.map((line) => valueOf(line.split(';', 1)[0] ?? ''))],
  };
}

const NOTHING: Details = {};
const NO_VALUES: readonly string[] = [];

const cookieValuesOf = perConnection((cookie) => cookie.split(';').map(valueOf));

function valueOf(pair: string): string {
  return pair.slice(pair.indexOf('=') + 1).trim();
}

export function failed(failure: UpstreamFailure, request: Settled, parts: Parts): NotForwarded {
  if (failure.cause instanceof BodyTooLargeError) {
    return { kind: 'not_forwarded', refusal: unsettled('body_too_large'), maySent: failure.maySent };
  }
  const code = 'code' in failure.cause ? String(failure.cause.code) : failure.cause.name;
  const facts = { request_id: request.id, failure: failure.failure, cause: code };
  if (failure.cause instanceof errors.RequestAbortedError)
    parts.log.debug(facts, 'the reader left before the answer');
  else parts.log.warn(facts, 'the upstream did not answer');
  return {
    kind: 'not_forwarded',
    refusal: refusal(failure.failure === 'timeout' ? 'upstream_timeout' : 'upstream_unreachable'),
    maySent: failure.maySent,
  };
}

const CODINGS = ['gzip', 'br', 'zstd'];

/** The codings both the browser and we can undo; the upstream is offered nothing else. */
const codingsOf = perConnection((acceptEncoding) => {
  const offered = acceptEncoding.toLowerCase().split(',');
  const both = CODINGS.filter((coding) => offered.some((one) => one.trim() === coding));
  return both.length === 0 ? 'identity' : both.join(', ');
});

function without(headers: string[], unwanted: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== unwanted) kept.push(headers[index] ?? '', headers[index + 1] ?? '');
  }
  return kept;
}
