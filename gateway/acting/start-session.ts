/** Starts an act-as session: every condition in turn, then the seat, the row, and the upstream's own word for it. */
import { randomBytes } from 'node:crypto';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { Person, PolicySettings } from '../../policy/index.ts';
import type { Parts } from '../parts.ts';
import { startEvent, type Details, type HttpFacts } from '../record/events.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import type { Credential, Identity } from '../identity/index.ts';
import {
  newSession,
  newSessionToken,
  tokenHash,
  type ActAsSession,
  type SeatTaken,
} from '../sessions/index.ts';
import { notSeated } from './not-seated.ts';
import { takeSeat } from './take-seat.ts';

export type StartRequest = {
  readonly subjectId: string;
  readonly reason: string | null;
  readonly returnTo: string;
  /** Whether a session in the way is to end for this one: the actor's own in another browser or, by permission, a colleague's. */
  readonly takeover: boolean | 'own';
  readonly credential: Credential;
  readonly http: HttpFacts;
  /** The one person who may start by this request; anybody who may act, where it names none. */
  readonly onlyFor?: string;
  /** What the session will be shown by; a cookie's value unless given. */
  readonly newToken?: typeof newSessionToken;
  /** What the first row says of how it began. */
  readonly began?: Details;
};

export type Started =
  /** The token goes into the cookie and nowhere else. */
  | {
      readonly kind: 'started';
      readonly session: ActAsSession;
      readonly token: string;
      /** Path of the app where this session begins. */
      readonly landOn: string;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export async function startSession(request: StartRequest, parts: Parts): Promise<Started> {
  const policy = parts.policy();
  const actor = await currentUser(request.credential, parts);
  if ('code' in actor) return refused(actor);
  if (request.onlyFor !== undefined && request.onlyFor !== actor.id) return refused(notTheirs());
  if (!parts.startRate.take(actor.id)) return refused(refusal('too_many_requests'));
  if (!policy.mayActAtAll(actor)) return refused(actsForNobody(actor));

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
  const terms = policy.termsOf(actor, subject);

  const token = (request.newToken ?? newSessionToken)(randomBytes);
  const market = subject.market === null ? undefined : policy.settings.markets.get(subject.market);
  const made = newSession(
    {
      id: parts.newId(),
      tokenHash: tokenHash(token),
      actor,
      subject,
      market: subject.market === null ? null : { id: subject.market, name: market?.name ?? subject.market },
      mode: permission.mode,
      reason,
      pause: terms.pause,
      idleTimeoutMs: terms.idleTimeoutMs,
      absoluteTimeoutMs: terms.absoluteTimeoutMs,
      returnTo: request.returnTo,
      ipAddress: request.http.ipAddress ?? '',
      userAgent: request.http.userAgent,
    },
    parts.clock.now(),
  );
  // One's own session, perhaps in a browser that is lost, may always be ended.
  const mayTakeOver = ({ by }: SeatTaken): boolean => by === 'actor' || policy.mayTakeOver(actor, subject);
  const session = await takeSeat(made, mayTakeOver, request, parts);
  if ('code' in session) return refused(session);
  const failure = await recordStart(session, request, parts);
  if (failure !== null) return refused(failure);
  const wrong = await notSeated(session, parts);
  if (wrong !== null) return refused(wrong);
  parts.metrics.sessionStarted();
  parts.log.info({ session_id: session.id, actor: actor.id, subject: subject.id }, 'act-as session started');
  return { kind: 'started', session, token, landOn: terms.landOn };
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

export function readReason(
  given: string | null,
  settings: PolicySettings['reason'],
): string | null | Refusal {
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

/** No session without its first row: if that cannot be written, the seat is given back as if it had never been taken. */
async function recordStart(
  session: ActAsSession,
  { http, began }: StartRequest,
  parts: Parts,
): Promise<Refusal | null> {
  void parts.unrecordedEnds.write();
  try {
    await parts.audit.append(startEvent(session, { ...http, statusCode: 201 }, 'ok', began));
    return null;
  } catch (error) {
    await parts.sessions.end(session.id, 'stopped', parts.clock.now());
    await parts.sessions.acknowledge(session.id);
    if (error instanceof AuditUnavailableError) return refusal('audit_unavailable');
    throw error;
  }
}

/** Of a link that was meant for somebody else. */
export const notTheirs = (): Refusal =>
  refusal('not_allowed', {
    detail: 'This link was made for someone else. Only they can use it, signed in as themselves.',
    fault: 'other_person',
  });

/** Why there is nobody at all for whom someone may act. */
export function actsForNobody({ active, blocked }: Person): Refusal {
  if (!active) return notAllowed('actor_inactive');
  return notAllowed(blocked === true ? 'actor_blocked' : 'actor_not_permitted');
}

function notAllowed(why: keyof typeof ACT_REFUSALS): Refusal {
  return refusal('not_allowed', { detail: ACT_REFUSALS[why], fault: why });
}

function refused(why: Refusal): Started {
  return { kind: 'refused', refusal: why };
}
