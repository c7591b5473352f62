/** Stage 3, acting: asks the policy about a request, about every method and body that an app may read in it. */
import type { IncomingMessage } from 'node:http';
import { isRead, parseBody, stricter, type Decision, type ParsedBody, type Policy } from '../policy/index.ts';
import { holdBody, overrideRules, releaseBody } from './hold-body.ts';
import type { Parts } from './parts.ts';
import { refusal, unsettled, type Refusal, type RequestFault } from './refusal.ts';
import type { ActAsSession } from './sessions/index.ts';
import { headerLines, headerOf, type Settled } from './settle/settle.ts';
import { settleStrictly } from './settle/strict.ts';
import { bearsToken } from './bearer/bearer-token.ts';

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

export type ActingDecided = Decided & {
  /** The same request, asked again of the same rules for the session as it has become. */
  readonly anew: (session: ActAsSession) => ActingDecided;
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

export type Asked = { readonly request: Settled; readonly session: ActAsSession };

/** Reads the body of a request that goes on and is not streamed; of one that a rule refuses unseen, nothing is read. */
export async function decideActing(
  { request, session }: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<ActingDecided | Ambiguous> {
  const ambiguous = (fault: RequestFault, recordedPath: string | null = null): Ambiguous => ({
    kind: 'ambiguous',
    request,
    session,
    refusal: unsettled(fault),
    recordedPath,
  });
  const strict = settleStrictly(request, overrideRules(parts));
  if (!strict.ok) return ambiguous(strict.fault);
  if ((!isRead(request.method) || bearsToken(request)) && isFromElsewhere(request, parts)) {
    return { ...ambiguous('origin'), refusal: fromElsewhere() };
  }
  // One policy for all questions, whatever is reloaded meanwhile.
  const policy = parts.policy();
  const askFor = (seated: ActAsSession, body: ParsedBody | null, means: string | null): Decision => {
    const asked = { request, session: seated };
    const sent = askPolicy(policy, 'acting', asked, request.method, strict.query, body);
    return means === null
      ? sent
      : stricter(sent, askPolicy(policy, 'acting', asked, means, strict.query, body));
  };
  const ask = askFor.bind(null, session);

  const looked = policy.readsBody('acting', request.method, request.path);
  let body: ParsedBody | null = looked === null ? null : { kind: 'none' };
  let held: Buffer | null = null;
  let { means } = strict;
  let decision = looked === null || request.body === null ? ask(body, means) : null;
  // Of what is streamed nobody can say that it wishes for no other method, so it is streamed only where none would matter.
  const guarded =
    decision?.bodyLimit === 'stream' &&
    WRITES.some((method) => ask(body, method).effect !== decision?.effect);
  const limit = decision === null ? (looked ?? 0) : limitOf(decision, request, guarded, parts);
  if (limit !== null) {
    const read = await holdBody(request, means, limit, incoming, parts);
    if (!read.ok) return ambiguous(read.fault, decision?.recordedPath ?? null);
    ({ bytes: held, means } = read);
    if (looked !== null) body = await parseBody(headerOf(request, 'content-type'), held);
    if (body?.kind === 'unreadable') {
      releaseBody(held, parts);
      return ambiguous(body.fault);
    }
    decision = ask(body, means);
  }
  const target = request.path.canonical + strict.query;
  const decidedFor = (seated: ActAsSession, concluded: Decision): ActingDecided => ({
    kind: 'decided',
    side: 'acting',
    request,
    session: seated,
    decision: concluded,
    target,
    held,
    anew: (now) => decidedFor(now, askFor(now, body, means)),
  });
  const decided = decidedFor(session, decision ?? ask(body, means));
  parts.metrics.decided(decided.decision.effect);
  return decided;
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

export function askPolicy(
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
    locked: session.locked,
    sessionId: session.id,
  });
}
