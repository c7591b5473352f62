/** Starts an act-as session: every condition in turn, then the seat, the row, and the upstream's own word for it. */
import { randomBytes } from 'node:crypto';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { PolicySettings } from '../../policy/index.ts';
import type { Parts } from '../parts.ts';
import { startEvent, type HttpFacts } from '../record/events.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import type { Credential, Identity } from '../identity/index.ts';
import {
  newSession,
  newSessionToken,
  SessionsUnavailableError,
  tokenHash,
  type ActAsSession,
} from '../sessions/index.ts';
import { endSession, recordEnd } from './end-session.ts';

export type StartRequest = {
  readonly subjectId: string;
  readonly reason: string | null;
  readonly returnTo: string;
  /** Whether a session of the actor's own, in another browser, is to end for this one. */
  readonly takeover: boolean;
  readonly credential: Credential;
  readonly http: HttpFacts;
};

export type Started =
  /** The token goes into the cookie and nowhere else. */
  | { readonly kind: 'started'; readonly session: ActAsSession; readonly token: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export async function startSession(request: StartRequest, parts: Parts): Promise<Started> {
  const policy = parts.policy();
  const actor = await currentUser(request.credential, parts);
  if ('code' in actor) return refused(actor);
  if (!policy.mayActAtAll(actor)) return refused(notAllowed('actor_not_permitted'));

  const reason = readReason(request.reason, policy.settings.reason);
  if (typeof reason === 'object' && reason !== null) return refused(reason);

  const found = await parts.directory.fetch(request.subjectId, request.credential);
  if (found.kind === 'unavailable') {
    parts.log.warn(
      { request_id: request.http.requestId, cause: found.cause },
      'the directory did not answer',
    );
    return refused(refusal('upstream_unreachable'));
  }
  if (found.kind === 'unknown')
    return refused(refusal('not_found', { detail: 'There is no such customer in your market.' }));
  const subject = found.value;
  const permission = policy.mayActFor(actor, subject);
  if (!permission.allowed) return refused(notAllowed(permission.reason));

  const token = newSessionToken(randomBytes);
  const market = subject.market === null ? undefined : policy.settings.markets.get(subject.market);
  const session = newSession(
    {
      id: parts.newId(),
      tokenHash: tokenHash(token),
      actor,
      subject,
      market: subject.market === null ? null : { id: subject.market, name: market?.name ?? subject.market },
      mode: permission.mode,
      reason,
      idleTimeoutMs: policy.settings.idleTimeoutMs,
      absoluteTimeoutMs: policy.settings.absoluteTimeoutMs,
      returnTo: request.returnTo,
      ipAddress: request.http.ipAddress ?? '',
      userAgent: request.http.userAgent,
    },
    parts.clock.now(),
  );
  if (request.takeover) await endOwn(actor, request.http, parts);
  const failure = (await takeSeat(session, parts)) ?? (await recordStart(session, request.http, parts));
  if (failure !== null) return refused(failure);
  const seated = await parts.canary.ask(session);
  if (seated !== 'subject') {
    await endSession(session.id, 'wrong_seat', null, parts);
    return refused(
      seated === 'unavailable'
        ? refusal('upstream_unreachable')
        : refusal('delegation_refused', { subject: subject.name }),
    );
  }
  parts.metrics.sessionStarted();
  parts.log.info({ session_id: session.id, actor: actor.id, subject: subject.id }, 'act-as session started');
  return { kind: 'started', session, token };
}

/** The sender as the app knows them now, or the refusal that tells them why not. */
export async function currentUser(credential: Credential, parts: Parts): Promise<Identity | Refusal> {
  const answer = await parts.identity.identify(credential, 0);
  switch (answer.kind) {
    case 'known':
      return answer.identity;
    case 'anonymous':
      return refusal('not_signed_in');
    case 'unavailable':
      return refusal('upstream_unreachable');
  }
}

function readReason(given: string | null, settings: PolicySettings['reason']): string | null | Refusal {
  const reason = (given ?? '').trim();
  if (reason === '') {
    return settings.required
      ? refusal('invalid_request', { detail: 'Please give a reason.', fault: 'reason' })
      : null;
  }
  const length = Array.from(reason).length;
  if (length <= settings.maxLength) return reason;
  const detail = `The reason has ${length} characters; at most ${settings.maxLength} are allowed.`;
  return refusal('invalid_request', { detail, fault: 'reason' });
}

/** The cookie of a session may be lost with its browser; its actor must not be locked out until it runs out. */
async function endOwn(actor: Identity, http: HttpFacts, parts: Parts): Promise<void> {
  const own = (await parts.sessions.list(parts.clock.now())).find((session) => session.actor.id === actor.id);
  if (own !== undefined) await endSession(own.id, 'stopped', { ...http, statusCode: 201 }, parts);
}

async function takeSeat(session: ActAsSession, parts: Parts): Promise<Refusal | null> {
  try {
    const result = await parts.sessions.start(session);
    if (result.ok) {
      for (const ended of result.expired) await recordEnd(ended, null, null, parts);
      return null;
    }
    const { by, session: holder } = result.taken;
    const since = new Date(holder.startedAt).toISOString();
    const detail =
      by === 'actor'
        ? `You are already acting as ${holder.subject.name}, perhaps in another browser. Stop acting as ${holder.subject.name} first.`
        : `${holder.actor.name} is already acting as ${holder.subject.name}, since ${since}.`;
    return refusal('seat_taken', { detail, fault: by });
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return refusal('sessions_unavailable');
    throw error;
  }
}

/** No session without its first row: if that cannot be written, the seat is given back as if it had never been taken. */
async function recordStart(session: ActAsSession, http: HttpFacts, parts: Parts): Promise<Refusal | null> {
  try {
    await parts.audit.append(startEvent(session, { ...http, statusCode: 201 }, 'ok'));
    return null;
  } catch (error) {
    await parts.sessions.end(session.id, 'stopped', parts.clock.now());
    if (error instanceof AuditUnavailableError) return refusal('audit_unavailable');
    throw error;
  }
}

function notAllowed(why: keyof typeof ACT_REFUSALS): Refusal {
  return refusal('not_allowed', { detail: ACT_REFUSALS[why], fault: why });
}

function refused(why: Refusal): Started {
  return { kind: 'refused', refusal: why };
}
