/** Stage 5: carries a decision on an acting request out; either the upstream's answer comes of it or a refusal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Answer } from './answer.ts';
import { amendBody, amendsBody } from './acting/amend.ts';
import { captureJson, type Capture } from './acting/capture.ts';
import { CART_ID, seeCart } from './acting/cart-ids.ts';
import { endSession } from './acting/end-session.ts';
import type { Decided } from './decide.ts';
import { actingAnswerHeaders, setCookies, type Secrets } from './forward/answer-headers.ts';
import { forward, type UpstreamFailure } from './forward/forward.ts';
import { actingHeaders } from './forward/request-headers.ts';
import { BodyTooLargeError } from './ordinary.ts';
import type { Parts } from './parts.ts';
import { refusal, unsettled, type Refusal } from './refusal.ts';
import { viaOf } from './request-facts.ts';
import { isPage } from './seat.ts';
import { sessionEnded } from './session-ended.ts';
import { SessionsUnavailableError, type ActAsSession } from './sessions/index.ts';
import { onlyCookies } from './settle/session-cookie.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type Forwarded = {
  readonly kind: 'forwarded';
  readonly answer: Answer;
  /** The session as touched by this request. */
  readonly session: ActAsSession;
  readonly capture: Capture | null;
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
 * Passes the commit point, where the session is touched and nothing dead passes, seats the request and sends it.
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
  const taken = await takenSeat(decided, parts);
  if (taken.kind === 'not_forwarded') return taken;
  const { session, credentials } = taken;

  const fields = capturedFields(decision);
  const capturing = Object.keys(fields).length > 0;
  const headers = actingHeaders(
    request,
    viaOf(incoming, request.host, request.id, parts),
    parts.headerRules,
    {
      ...decision.obligations.amend.header,
      ...credentials,
      'accept-encoding': capturing ? 'identity' : acceptedCodings(request),
    },
  );
  const exchange = forward(parts.dispatcher, parts.config.upstream.url, {
    method: request.method,
    target: decided.target,
    headers: isPage(request) ? without(headers, 'range') : headers,
    body,
  });
  reader?.once('close', exchange.abort);
  if (reader?.destroyed === true) exchange.abort();
  const result = await exchange.result;
  if (result.kind === 'failed') return failed(result, request, parts);

  const brought = setCookies(result.headers);
  await keepCookies(session, brought, decided, parts);
  const origins = { upstream: parts.config.upstream.url, public: parts.publicOrigin(request.host) };
  const answerHeaders = actingAnswerHeaders(result.headers, origins, secretsOf(credentials, brought));
  return {
    kind: 'forwarded',
    answer: {
      status: result.status,
      headers: [...answerHeaders, 'x-request-id', request.id],
      body: result.body,
    },
    // The banner says what this request was decided by.
    session: { ...session, mode: decided.session.mode },
    capture: capturing ? captureJson(result.headers, fields) : null,
  };
}

/** A cart's own id is read along with what the record wants. */
function capturedFields({ obligations, cart }: Decided['decision']): Readonly<Record<string, string>> {
  return cart !== null && 'at' in cart ? { ...obligations.capture, [CART_ID]: cart.at } : obligations.capture;
}

type TakenSeat = {
  readonly kind: 'taken';
  readonly session: ActAsSession;
  /** Header lines that seat the subject, lower-case names. */
  readonly credentials: Readonly<Record<string, string>>;
};

/** Everything that may still go wrong before the first byte leaves; a session store that fails here refuses. */
async function takenSeat(decided: Decided, parts: Parts): Promise<TakenSeat | NotForwarded> {
  const { session: seated, request, decision, target } = decided;
  try {
    if ((await parts.canary.askIfDue(seated)) === 'someone_else') {
      await endSession(seated.id, 'wrong_seat', null, parts);
      return notSent(refusal('delegation_refused', { subject: seated.subject.name }));
    }
    const token = await parts.delegation.headers(seated);
    await parts.jars.settled(seated.tokenHash);
    // Last, with nothing to wait for between it and the first byte: what was ended before this is not sent. A background
    // request keeps nothing alive, but it passes nothing dead either.
    const touch = !decision.background && !inBackground(request);
    const committed = await parts.sessions.commit(seated.tokenHash, parts.clock.now(), touch);
    if (committed === null) return notSent(sessionEnded(seated, null, parts.policy().settings));
    const { session } = committed;
    if (decision.cart !== null && 'id' in decision.cart) await seeCart(session, decision.cart.id, parts);
    const jar = parts.jars.headerOf(session.tokenHash, committed.jar, target);
    const cookie = joined(jar, ownCookies(request, parts));
    return { kind: 'taken', session, credentials: { ...(cookie === null ? {} : { cookie }), ...token } };
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return notSent(refusal('sessions_unavailable'));
    throw error;
  }
}

/** What the browser itself marks as nobody's doing: an event stream that reconnects, a page fetched in advance. */
function inBackground(request: Settled): boolean {
  const accept = headerOf(request, 'accept') ?? '';
  const purpose = `${headerOf(request, 'sec-purpose') ?? ''} ${headerOf(request, 'purpose') ?? ''}`;
  return accept.includes('text/event-stream') || purpose.includes('prefetch');
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
function secretsOf(credentials: TakenSeat['credentials'], setCookieLines: readonly string[]): Secrets {
  const { cookie, ...tokens } = credentials;
  const pairs = [...(cookie ?? '').split(';'), ...setCookieLines.map((line) => line.split(';', 1)[0] ?? '')];
  return {
    tokens: Object.values(tokens).map((value) => value.slice(value.lastIndexOf(' ') + 1)),
    cookies: pairs.map((pair) => pair.slice(pair.indexOf('=') + 1).trim()),
  };
}

export function failed(failure: UpstreamFailure, request: Settled, parts: Parts): NotForwarded {
  if (failure.cause instanceof BodyTooLargeError) {
    return { kind: 'not_forwarded', refusal: unsettled('body_too_large'), maySent: failure.maySent };
  }
  const code = 'code' in failure.cause ? String(failure.cause.code) : failure.cause.name;
  parts.log.warn(
    { request_id: request.id, failure: failure.failure, cause: code },
    'the upstream did not answer',
  );
  return {
    kind: 'not_forwarded',
    refusal: refusal(failure.failure === 'timeout' ? 'upstream_timeout' : 'upstream_unreachable'),
    maySent: failure.maySent,
  };
}

function notSent(why: Refusal): NotForwarded {
  return { kind: 'not_forwarded', refusal: why, maySent: false };
}

const CODINGS = ['gzip', 'br', 'zstd'];

/** The codings both the browser and we can undo; the upstream is offered nothing else. */
function acceptedCodings(request: Settled): string {
  const offered = (headerOf(request, 'accept-encoding') ?? '').toLowerCase().split(',');
  const both = CODINGS.filter((coding) => offered.some((one) => one.trim() === coding));
  return both.length === 0 ? 'identity' : both.join(', ');
}

/** The browser's own cookies that are configured to pass, a locale say. */
function ownCookies(request: Settled, parts: Parts): string | null {
  const { cookies } = parts.config.acting;
  const header = headerOf(request, 'cookie');
  return cookies.length === 0 || header === null ? null : onlyCookies(header, new Set(cookies));
}

function joined(first: string | null, second: string | null): string | null {
  if (first === null) return second;
  return second === null ? first : `${first}; ${second}`;
}

function without(headers: string[], unwanted: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== unwanted) kept.push(headers[index] ?? '', headers[index + 1] ?? '');
  }
  return kept;
}
