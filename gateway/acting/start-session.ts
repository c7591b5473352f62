/** Starts an act-as session: every condition in turn, then the seat, the row, and the upstream's own word for it. */
import { randomBytes } from 'node:crypto';
import { AuditUnavailableError } from '../../audit-store/index.ts';
import type { Person, PolicySettings } from '../../policy/index.ts';
import { momentWords } from '../moment-words.ts';
import type { Parts } from '../parts.ts';
import { startEvent, type Details, type HttpFacts } from '../record/events.ts';
import { ACT_REFUSALS, refusal, type Refusal } from '../refusal.ts';
import type { Credential, Identity } from '../identity/index.ts';
import {
  changed,
  newSession,
  newSessionToken,
  SessionsUnavailableError,
  tokenHash,
  type ActAsSession,
  type EndedSession,
  type SeatTaken,
} from '../sessions/index.ts';
import type { Seated } from './canary.ts';
import { endSession, recordEnd } from './end-session.ts';

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

/** Two seats can be in the way, the actor's and the subject's; whoever sits there may change while we ask. */
const MOST_ATTEMPTS = 4;

/** The cookie of a session may be lost with its browser; nobody must be locked out until it runs out. */
async function takeSeat(
  made: ActAsSession,
  mayTakeOver: (taken: SeatTaken) => boolean,
  { takeover, http }: StartRequest,
  parts: Parts,
): Promise<ActAsSession | Refusal> {
  const inPlaceOf: string[] = [];
  let session = made;
  try {
    for (;;) {
      const result = await parts.sessions.start(session, inPlaceOf);
      if (result.ok) {
        for (const ended of result.ended) await recordDisplaced(ended, session, http, parts);
        return result.session;
      }
      const may = mayTakeOver(result.taken);
      const asked = takeover === true || (takeover === 'own' && result.taken.by === 'actor');
      if (!(may && asked) || inPlaceOf.length === MOST_ATTEMPTS) return seatTaken(result.taken, may, parts);
      inPlaceOf.push(result.taken.session.id);
      // The lock of a colleague's session comes with their seat, and the shopper's cart is never open in between.
      if (result.taken.by === 'subject' && result.taken.session.locked)
        session = changed(session, { locked: true });
    }
  } catch (error) {
    if (error instanceof SessionsUnavailableError) return refusal('sessions_unavailable');
    throw error;
  }
}

/** A person ended it, by starting: their request stands on the row, and their name where the seat was another's. */
async function recordDisplaced(
  ended: EndedSession,
  session: ActAsSession,
  http: HttpFacts,
  parts: Parts,
): Promise<void> {
  const starting = { ...http, statusCode: 201 };
  if (ended.why !== 'taken_over') return recordEnd(ended, starting, null, parts);
  // The row stands under the displaced actor's name; address and browser are the other's.
  await recordEnd(ended, { ...starting, ipAddress: null, userAgent: null }, session.actor, parts);
}

function seatTaken({ by, session: holder }: SeatTaken, mayTakeOver: boolean, parts: Parts): Refusal {
  const market = parts.policy().settings.markets.get(holder.market?.id ?? '');
  const since = momentWords(holder.startedAt, market?.timezone ?? 'UTC');
  const detail =
    by === 'actor'
      ? `You are already acting as ${holder.subject.name}, perhaps in another browser. Stop acting as ${holder.subject.name} first.`
      : `${holder.actor.name} is already acting as ${holder.subject.name}, since ${since}.`;
  return { ...refusal('seat_taken', { detail, fault: by }), mayTakeOver };
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

/** Why it is not certain whose seat it is. Nobody holds the session's cookie yet: not ended here, it would last for its whole time. */
async function notSeated(session: ActAsSession, parts: Parts): Promise<Refusal | null> {
  let seated: Seated | null = null;
  try {
    seated = await parts.canary.ask(session);
  } catch (error) {
    if (!(error instanceof SessionsUnavailableError)) throw error;
  } finally {
    if (seated !== 'subject') await endSession(session.id, 'wrong_seat', null, parts);
  }
  switch (seated) {
    case 'subject':
      return null;
    case 'someone_else':
      return refusal('delegation_refused', { subject: session.subject.name });
    case 'unavailable':
      return refusal('upstream_unreachable');
    case null:
      return refusal('sessions_unavailable');
  }
}

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
