/** Stage 5: carries a decision on an acting request out; either the upstream's answer comes of it or a refusal. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Answer } from './answer.ts';
import { amendJson } from './acting/amend.ts';
import { captureJson, type Capture } from './acting/capture.ts';
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
import { SessionsUnavailableError, type ActAsSession } from './sessions/index.ts';
import { overridesMethod, readBody } from './settle/body.ts';
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

/** The body of an acting write, whole and amended, before the intent is written and the first byte leaves. */
export type ReadyBody =
  | { readonly kind: 'ready'; readonly body: Buffer | Readable | null; readonly held: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export async function prepareBody(
  decided: Decided,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<ReadyBody> {
  const { request, decision } = decided;
  const amendments = decision.obligations.amendJson;
  const amends = Object.keys(amendments).length > 0;
  if (request.body === null && !amends) return { kind: 'ready', body: null, held: 0 };
  if (decision.body === 'stream' && !amends) return { kind: 'ready', body: incoming, held: 0 };

  const limit = decision.body === 'stream' ? parts.config.limits.acting_bodies : decision.body;
  if (typeof request.body === 'number' && request.body > limit) return refusedBody('body_too_large');
  const read = await readBody(incoming, limit, parts.bodyBudget);
  if (!read.ok) return refusedBody(read.fault);
  const held = read.bytes.length;
  const type = headerOf(request, 'content-type');
  if (overridesMethod(type, read.bytes)) return release('method_override', held, parts);
  if (!amends) return { kind: 'ready', body: read.bytes, held };
  const amended = amendJson(type, read.bytes, amendments);
  return amended.ok ? { kind: 'ready', body: amended.bytes, held } : release(amended.fault, held, parts);
}

function refusedBody(fault: Parameters<typeof unsettled>[0]): ReadyBody {
  return { kind: 'refused', refusal: unsettled(fault) };
}

function release(fault: Parameters<typeof unsettled>[0], held: number, parts: Parts): ReadyBody {
  parts.bodyBudget.held -= held;
  return refusedBody(fault);
}

/** Touches the session, seats the request and sends it: the commit point is the touch, nothing dead passes it. */
export async function enforce(
  decided: Decided,
  body: Buffer | Readable | null,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<Forwarded | NotForwarded> {
  const { request, decision } = decided;
  const taken = await takenSeat(decided, parts);
  if (taken.kind === 'not_forwarded') return taken;
  const { session, credentials } = taken;

  const capturing = Object.keys(decision.obligations.capture).length > 0;
  const headers = actingHeaders(
    request,
    viaOf(incoming, request.host, request.id, parts),
    parts.headerRules,
    { ...credentials, 'accept-encoding': capturing ? 'identity' : acceptedCodings(request) },
  );
  const exchange = forward(parts.dispatcher, parts.config.upstream.url, {
    method: request.method,
    target: decided.target,
    headers: isPage(request) ? without(headers, 'range') : headers,
    body,
  });
  const result = await exchange.result;
  if (result.kind === 'failed') return failed(result, request, parts);

  const brought = setCookies(result.headers);
  await keepCookies(session, brought, decided, parts);
  const origins = { upstream: parts.config.upstream.url, public: parts.publicOrigin(request.host) };
  const answerHeaders = actingAnswerHeaders(result.headers, origins, secretsOf(credentials, brought));
  return {
    kind: 'forwarded',
    answer: { status: result.status, headers: [...answerHeaders, 'x-request-id', request.id], body: result.body },
    session,
    capture: capturing ? captureJson(result.headers, decision.obligations.capture) : null,
  };
}

type TakenSeat = {
  readonly kind: 'taken';
  readonly session: ActAsSession;
  /** Header lines that seat the subject, lower-case names. */
  readonly credentials: Readonly<Record<string, string>>;
};

/** Everything that may still go wrong before the first byte leaves; a session store that fails here refuses. */
async function takenSeat(decided: Decided, parts: Parts): Promise<TakenSeat | NotForwarded> {
  const { session: seated, request, target } = decided;
  try {
    const session = await liveNow(decided, parts);
    if (session === null) return notSent(refusal('session_ended', { subject: seated.subject.name }));
    if ((await parts.canary.askIfDue(session)) === 'someone_else') {
      await endSession(session.id, 'wrong_seat', null, parts);
      return notSent(refusal('delegation_refused', { subject: session.subject.name }));
    }
    const jar = await parts.jars.cookieHeader(session.tokenHash, target);
    const cookie = joined(jar, ownCookies(request, parts));
    const token = await parts.delegation.headers(session);
    return { kind: 'taken', session, credentials: { ...(cookie === null ? {} : { cookie }), ...token } };
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return notSent(refusal('sessions_unavailable'));
    throw error;
  }
}

/** A background request keeps nothing alive, but it passes nothing dead either. */
async function liveNow({ session, decision }: Decided, parts: Parts): Promise<ActAsSession | null> {
  const now = parts.clock.now();
  if (!decision.background) return parts.sessions.touch(session.tokenHash, now);
  const found = await parts.sessions.find(session.tokenHash, now);
  return found.kind === 'live' ? found.session : null;
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
    parts.log.warn({ request_id: request.id, session_id: session.id }, 'cookies of the upstream could not be kept');
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

/** The codings both the browser and we can undo; the upstream is offered nothing else. */
function acceptedCodings(request: Settled): string {
  const offered = (headerOf(request, 'accept-encoding') ?? '').toLowerCase();
  const both = ['gzip', 'br', 'zstd'].filter((coding) =>
    offered.split(',').some((one) => one.trim() === coding),
  );
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
