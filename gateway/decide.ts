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

/** What a decision rests on beside the session: one policy for all questions, whatever is reloaded meanwhile. */
type Basis = {
  readonly policy: Policy;
  readonly query: string;
  readonly body: ParsedBody | null;
  /** The other method that the app may read in the request, or null. */
  readonly means: string | null;
};

export type ActingDecided = Decided & { readonly basis: Basis };

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

/**
 * Reads the body of a request that goes on and is not streamed; of one that a rule refuses unseen, nothing is read. Known
 * at once where nothing is read.
 */
export function decideActing(
  asked: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): ActingDecided | Ambiguous | Promise<ActingDecided | Ambiguous> {
  const { request } = asked;
  const strict = settleStrictly(request, overrideRules(parts));
  if (!strict.ok) return ambiguous(asked, strict.fault);
  if ((!isRead(request.method) || bearsToken(request)) && isFromElsewhere(request, parts)) {
    return { ...ambiguous(asked, 'origin'), refusal: fromElsewhere() };
  }
  const policy = parts.policy();
  const looked = policy.readsBody('acting', request.method, request.path);
  const { query, means } = strict;
  const basis: Basis = { policy, query, body: looked === null ? null : NO_BODY, means };
  if (looked !== null && request.body !== null)
    return decideByBody(basis, asked, looked, null, incoming, parts);

  const decision = ask(basis, asked);
  if (request.body === null) return decidedOn(basis, asked, decision, null);
  // Of what is streamed nobody can say that it wishes for no other method, so it is streamed only where none would matter.
  const guarded =
    decision.bodyLimit === 'stream' &&
    WRITES.some((method) => ask({ ...basis, means: method }, asked).effect !== decision.effect);
  const limit = limitOf(decision, guarded, parts);
  return limit === null
    ? decidedOn(basis, asked, decision, null)
    : decideByBody(basis, asked, limit, decision, incoming, parts);
}

const NO_BODY: ParsedBody = { kind: 'none' };

/** @param unseen what was decided without it; null where a rule looks into it */
async function decideByBody(
  basis: Basis,
  asked: Asked,
  limit: number,
  unseen: Decision | null,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<ActingDecided | Ambiguous> {
  const { request } = asked;
  const read = await holdBody(request, basis.means, limit, incoming, parts);
  if (!read.ok) return ambiguous(asked, read.fault, unseen?.recordedPath);
  const { bytes: held, means } = read;
  let decided: ActingDecided | Ambiguous | null = null;
  try {
    const body = unseen === null ? await parseBody(headerOf(request, 'content-type'), held) : null;
    const settled: Basis = { ...basis, body, means };
    decided =
      body?.kind === 'unreadable'
        ? ambiguous(asked, body.fault)
        : decidedOn(settled, asked, ask(settled, asked), held);
    return decided;
  } finally {
    // Whoever gets a decision releases it; nobody else knows that there is something to release.
    if (decided?.kind !== 'decided') releaseBody(held, parts);
  }
}

function decidedOn(basis: Basis, asked: Asked, decision: Decision, held: Buffer | null): ActingDecided {
  const { request, session } = asked;
  const target = request.path.canonical + basis.query;
  return { kind: 'decided', side: 'acting', request, session, decision, target, held, basis };
}

/** The same request, asked again of the same rules for the session as it has become. */
export function decidedAnew(decided: ActingDecided, session: ActAsSession): ActingDecided {
  const { request, basis } = decided;
  return { ...decided, session, decision: ask(basis, { request, session }) };
}

function ask({ policy, query, body, means }: Basis, asked: Asked): Decision {
  const sent = askPolicy(policy, 'acting', asked, asked.request.method, query, body);
  return means === null ? sent : stricter(sent, askPolicy(policy, 'acting', asked, means, query, body));
}

function ambiguous(
  { request, session }: Asked,
  fault: RequestFault,
  recordedPath: string | null = null,
): Ambiguous {
  return { kind: 'ambiguous', request, session, refusal: unsettled(fault), recordedPath };
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

/** How much of the body to read now; null where it is not wanted, and where it is streamed. */
function limitOf({ effect, bodyLimit }: Decision, guarded: boolean, { config }: Parts): number | null {
  if (effect !== 'allow' && effect !== 'audit') return null;
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
