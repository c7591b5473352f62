/** Stage 2: finds out in whose seat a request sits. Acting fails closed, ordinary traffic fails open. */
import type { IncomingMessage } from 'node:http';
import { endSession } from './acting/end-session.ts';
import { stillPermitted } from './acting/still-permitted.ts';
import { cartsNamed, couldBePaused } from './decide-assisted.ts';
import { isPageRequest } from './decorate/index.ts';
import type { DirectoryAnswer } from './directory/index.ts';
import type { Identity, IdentityAnswer } from './identity/index.ts';
import type { Parts } from './parts.ts';
import { refusal, type Refusal } from './refusal.ts';
import { addressOf, credentialOf, httpFacts } from './request-facts.ts';
import {
  SessionsUnavailableError,
  type ActAsSession,
  type EndedSession,
  type Lookup,
  type SessionEnd,
} from './sessions/index.ts';
import type { SessionCookie } from './settle/session-cookie.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type Seat =
  | { readonly kind: 'ordinary' }
  | { readonly kind: 'acting'; readonly session: ActAsSession }
  /** The sender is the subject of this live session. */
  | { readonly kind: 'assisted'; readonly session: ActAsSession }
  /** The request carries an act-as cookie whose session is over. */
  | { readonly kind: 'ended'; readonly ended: EndedSession | null }
  | { readonly kind: 'unknown'; readonly refusal: Refusal };

type Acting = Extract<Seat, { kind: 'acting' }>;

const ORDINARY: Seat = { kind: 'ordinary' };
/** Oldest answer to "who is this?" that will do: of an actor, of a subject, of a shopper; milliseconds. */
const ACTOR_MS = 5_000;
const SUBJECT_MS = 60_000;
const SHOPPER_MS = 60_000;

/** Known at once where nobody has to be asked, which is nearly always; ordinary traffic waits for nothing. */
export function takeSeat(request: Settled, incoming: IncomingMessage, parts: Parts): Seat | Promise<Seat> {
  return request.cookie.kind === 'none'
    ? ordinaryOrAssisted(request, incoming, parts)
    : actingSeat(request, incoming, parts);
}

function actingSeat(request: Settled, incoming: IncomingMessage, parts: Parts): Seat | Promise<Seat> {
  const found = findSession(request.cookie, parts);
  return found instanceof Promise
    ? found.then((seat) => seatOfFound(seat, request, incoming, parts))
    : seatOfFound(found, request, incoming, parts);
}

function seatOfFound(
  found: Seat,
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
): Seat | Promise<Seat> {
  if (found.kind !== 'acting') return found;
  const seat = permittedSeat(found, request, incoming, parts, { actor: ACTOR_MS, subject: SUBJECT_MS });
  return seat instanceof Promise
    ? seat.then((permitted) => seatWhereabouts(permitted, request, incoming, parts))
    : seatWhereabouts(seat, request, incoming, parts);
}

/** The same seat, unless its actor has moved and the policy ends a session for that. */
function seatWhereabouts(
  seat: Seat,
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
): Seat | Promise<Seat> {
  if (seat.kind !== 'acting') return seat;
  const moving = parts.whereabouts.actorAt(seat.session, request, incoming, parts);
  return moving === null
    ? seat
    : moving.then((ended): Seat => (ended === null ? seat : { kind: 'ended', ended }), unfound);
}

/**
 * Asks anew, when nothing but the sending is left to do, whether a write may still be made: its body may have taken
 * minutes, and a session lives no longer than its actor's own sign-in and role, and its subject's.
 */
export function confirmSeat(
  session: ActAsSession,
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
): Seat | Promise<Seat> {
  return permittedSeat({ kind: 'acting', session }, request, incoming, parts, { actor: 0, subject: 0 });
}

/** @param maxAge oldest answers about the two people that will do, milliseconds */
function permittedSeat(
  found: Acting,
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
  maxAge: { readonly actor: number; readonly subject: number },
): Seat | Promise<Seat> {
  const credential = credentialOf(incoming, parts);
  const identity = parts.identity.identify(credential, maxAge.actor);
  const subject = parts.subjectCheck.ask(found.session, credential, maxAge.subject);
  // What is remembered ends no session, and is no word for why one ends.
  const again =
    maxAge.actor === 0
      ? null
      : () => permittedSeat(found, request, incoming, parts, { actor: 0, subject: 0 });
  // Both are remembered nearly always, and then nothing has to be waited for.
  return identity instanceof Promise || subject instanceof Promise
    ? Promise.all([identity, subject]).then(([actor, whom]) =>
        judged(found, actor, whom, request, parts, again),
      )
    : judged(found, identity, subject, request, parts, again);
}

function judged(
  found: Acting,
  identity: IdentityAnswer,
  subject: DirectoryAnswer<Identity>,
  request: Settled,
  parts: Parts,
  again: (() => Seat | Promise<Seat>) | null,
): Seat | Promise<Seat> {
  if (identity.kind === 'unavailable') return unavailable(request, identity.cause, parts);
  if (identity.kind === 'known' && subject.kind === 'unavailable')
    return unavailable(request, subject.cause, parts);
  const actor = identity.kind === 'known' ? identity.identity : null;
  const whom = subject.kind === 'found' ? subject.value : null;
  const session = stillPermitted(actor, whom, found.session, parts.policy());
  if (typeof session !== 'string') return { kind: 'acting', session };
  return again === null ? left(found.session, session, parts) : again();
}

function left(session: ActAsSession, why: SessionEnd, parts: Parts): Promise<Seat> {
  return endSession(session.id, why, null, parts).then(
    (ended): Seat => ({ kind: 'ended', ended: ended ?? { session, why, endedAt: parts.clock.now() } }),
    unfound,
  );
}

function unavailable(request: Settled, cause: string, parts: Parts): Seat {
  parts.log.warn({ request_id: request.id, cause }, 'actor and subject of a session could not be identified');
  return { kind: 'unknown', refusal: refusal('upstream_unreachable') };
}

/** Looks the cookie up and nothing more; for requests that are refused anyway and for our own pages. */
export function findSession(cookie: SessionCookie, parts: Parts): Seat | Promise<Seat> {
  switch (cookie.kind) {
    case 'none':
      return ORDINARY;
    case 'malformed':
    case 'ambiguous':
      return { kind: 'ended', ended: null };
    case 'token': {
      const lookup = parts.sessions.find(cookie.tokenHash, parts.clock.now());
      return lookup instanceof Promise ? lookup.then(seatOf, unfound) : seatOf(lookup);
    }
  }
}

function seatOf(lookup: Lookup): Seat {
  return lookup.kind === 'live'
    ? { kind: 'acting', session: lookup.session }
    : { kind: 'ended', ended: lookup.ended };
}

function unfound(error: unknown): Seat {
  if (!(error instanceof SessionsUnavailableError)) throw error;
  return { kind: 'unknown', refusal: refusal('sessions_unavailable') };
}

/** Whatever keeps us from knowing whether somebody is being helped, shoppers keep shopping. */
function ordinaryOrAssisted(request: Settled, incoming: IncomingMessage, parts: Parts): Seat | Promise<Seat> {
  const unknowable = (error: unknown): Seat => {
    parts.log.warn(
      { request_id: request.id, err: error },
      'nobody could say whether this sender is being helped',
    );
    return ORDINARY;
  };
  try {
    if (parts.sessions.liveCount() === 0) return ORDINARY;
  } catch (error) {
    return unknowable(error);
  }
  return assistedSeat(request, incoming, parts).catch(unknowable);
}

/** Asks who a shopper is only where the answer could matter: a write that a rule pauses, or a page for the notice. */
async function assistedSeat(request: Settled, incoming: IncomingMessage, parts: Parts): Promise<Seat> {
  const pausable = couldBePaused(request, parts.policy());
  // A cart with an id of its own answers to whoever knows it, so it pauses whoever sends it.
  const now = parts.clock.now();
  const carts = pausable ? cartsNamed(request, parts.policy()) : [];
  const held = carts
    .flatMap((id) => parts.sessions.liveWithCart(id, now) ?? [])
    .find((session) => session.locked);
  if (held !== undefined) return { kind: 'assisted', session: held };
  if (!pausable && !(request.method === 'GET' && isPage(request))) return ORDINARY;
  const identity = await parts.identity.identify(credentialOf(incoming, parts), SHOPPER_MS);
  // Whoever asks must not be able to make the question fail, and have two writers in one cart by it.
  if (pausable && identity.kind === 'unavailable' && identity.because === 'question') {
    return { kind: 'unknown', refusal: refusal('sessions_unavailable') };
  }
  if (identity.kind !== 'known') return ORDINARY;
  const session = parts.sessions.liveFor(identity.identity.id, parts.clock.now());
  if (session === null) return ORDINARY;
  if (parts.config.record.subject_address) {
    const http = { ...httpFacts(request, incoming, parts), ipAddress: addressOf(incoming, parts) };
    parts.whereabouts.subjectAt(session, http, parts);
  }
  return { kind: 'assisted', session };
}

/** A document that a person will look at, as opposed to data, a fragment or a frame. */
export function isPage(request: Settled): boolean {
  return isPageRequest((name) => headerOf(request, name) ?? undefined);
}
