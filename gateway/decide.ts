/** Stage 3: asks the policy about a request whose seat is known, about every method and body that an app may read in it. */
import type { IncomingMessage } from 'node:http';
import { parseBody, stricter, type Decision, type ParsedBody, type Policy } from '../policy/index.ts';
import { holdBody, overrideRules, readWithin, releaseBody } from './hold-body.ts';
import type { Parts } from './parts.ts';
import { refusal, unsettled, type Refusal, type RequestFault } from './refusal.ts';
import { isRead } from './seat.ts';
import type { ActAsSession } from './sessions/index.ts';
import { headerLines, headerOf, type Settled } from './settle/settle.ts';
import { settleStrictly } from './settle/strict.ts';

export type Decided = {
  readonly kind: 'decided';
  readonly side: 'acting' | 'assisted';
  readonly request: Settled;
  readonly session: ActAsSession;
  readonly decision: Decision;
  /** What goes upstream: canonical path and settled query while acting, the raw target otherwise. */
  readonly target: string;
  /** The body as far as it was read; it counts against the budget until it is released. */
  readonly held: Buffer | null;
};

/** Acting, but the request has more than one meaning; of an assisted request only its body can be to blame. */
export type Ambiguous = {
  readonly kind: 'ambiguous';
  readonly request: Settled;
  readonly session: ActAsSession;
  readonly refusal: Refusal;
  /** See the decision's; null where none was made. */
  readonly recordedPath: string | null;
};

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

type Asked = { readonly request: Settled; readonly session: ActAsSession };

/** Reads the body of a request that goes on and is not streamed; of one that a rule refuses unseen, nothing is read. */
export async function decideActing(
  { request, session }: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<Decided | Ambiguous> {
  const ambiguous = (fault: RequestFault, recordedPath: string | null = null): Ambiguous => ({
    kind: 'ambiguous',
    request,
    session,
    refusal: unsettled(fault),
    recordedPath,
  });
  const strict = settleStrictly(request, overrideRules(parts));
  if (!strict.ok) return ambiguous(strict.fault);
  if (!isRead(request.method) && isFromElsewhere(request, parts)) {
    return { ...ambiguous('origin'), refusal: fromElsewhere() };
  }
  // One policy for all questions, whatever is reloaded meanwhile.
  const policy = parts.policy();
  const ask = (body: ParsedBody | null, means: string | null): Decision => {
    const sent = askPolicy(policy, 'acting', { request, session }, request.method, strict.query, body);
    return means === null
      ? sent
      : stricter(sent, askPolicy(policy, 'acting', { request, session }, means, strict.query, body));
  };

  const looked = policy.readsBody('acting', request.method, request.path);
  let body: ParsedBody | null = looked === null ? null : { kind: 'none' };
  let held: Buffer | null = null;
  let decision = looked === null || request.body === null ? ask(body, strict.means) : null;
  // Of what is streamed nobody can say that it wishes for no other method, so it is streamed only where none would matter.
  const guarded =
    decision?.bodyLimit === 'stream' &&
    WRITES.some((method) => ask(body, method).effect !== decision?.effect);
  const limit = decision === null ? (looked ?? 0) : limitOf(decision, request, guarded, parts);
  if (limit !== null) {
    const read = await holdBody(request, strict.means, limit, incoming, parts);
    if (!read.ok) return ambiguous(read.fault, decision?.recordedPath ?? null);
    held = read.bytes;
    if (looked !== null) body = await parseBody(headerOf(request, 'content-type'), held);
    if (body?.kind === 'unreadable') {
      releaseBody(held, parts);
      return ambiguous(body.fault);
    }
    decision = ask(body, read.means);
  }
  const concluded = decision ?? ask(body, strict.means);
  parts.metrics.decided(concluded.effect);
  const target = request.path.canonical + strict.query;
  return { kind: 'decided', side: 'acting', request, session, decision: concluded, target, held };
}

/**
 * `SameSite=Lax` keeps other sites out, not siblings at another port or name, and an app asks no CSRF token of a request
 * that carries a bearer: a write in the subject's seat comes from a page of this very origin, or not from a browser.
 */
function isFromElsewhere(request: Settled, parts: Parts): boolean {
  const site = headerOf(request, 'sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headerOf(request, 'origin');
  if (origin === null || (origin === 'null' && site === 'same-origin')) return false;
  return origin !== parts.publicOrigin(request.host);
}

const fromElsewhere = (): Refusal =>
  refusal('not_allowed', {
    detail: 'A page of another site asked for this in someone else’s seat. It was not done.',
    fault: 'origin',
  });

/** How much of the body to read now; null where there is none, where it is not wanted, and where it is streamed. */
function limitOf(
  { effect, bodyLimit }: Decision,
  { body }: Settled,
  guarded: boolean,
  { config }: Parts,
): number | null {
  if (body === null || (effect !== 'allow' && effect !== 'audit')) return null;
  if (bodyLimit !== 'stream') return bodyLimit;
  return guarded ? config.limits.acting_bodies : null;
}

/** A body that no rule can read counts as one that is meant to be paused. */
export async function decideAssisted(
  { request, session }: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<Decided | Ambiguous> {
  const policy = parts.policy();
  const limit = policy.readsBody('assisted', request.method, request.path);
  let body: ParsedBody | null = null;
  let held: Buffer | null = null;
  if (limit !== null && request.body !== null) {
    const read = await readWithin(request, limit, incoming, parts);
    if (read.ok) held = read.bytes;
    body =
      held === null
        ? { kind: 'unreadable', fault: 'body_too_large' }
        : await parseBody(headerOf(request, 'content-type'), held);
  } else if (limit !== null) body = { kind: 'none' };
  const { method, query, target } = request;
  const decision = askPolicy(policy, 'assisted', { request, session }, method, query, body);
  parts.metrics.decided(decision.effect);
  // Read in part, it can go on no more; that it is not paused either is rare enough to be refused.
  if (body?.kind === 'unreadable' && held === null && decision.effect !== 'pause') {
    const tooLarge = unsettled('body_too_large');
    return { kind: 'ambiguous', request, session, refusal: tooLarge, recordedPath: null };
  }
  return { kind: 'decided', side: 'assisted', request, session, decision, target, held };
}

function askPolicy(
  policy: Policy,
  side: 'acting' | 'assisted',
  { request, session }: Asked,
  method: string,
  query: string,
  body: ParsedBody | null,
): Decision {
  return policy.decide({
    side,
    method,
    path: request.path,
    query,
    header: (name) => headerLines(request, name),
    body,
    actor: session.actor,
    subject: session.subject,
    mode: session.mode,
    sessionId: session.id,
  });
}
