/** The commit point of an acting request: its session is touched, nothing dead passes, and it gets what seats the subject. */
import { endSession } from './end-session.ts';
import { seeCart } from './cart-ids.ts';
import type { Seated } from './canary.ts';
import type { Decided } from '../decide.ts';
import { couldBePaused } from '../decide-assisted.ts';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { sessionEnded } from '../session-ended.ts';
import { SessionsUnavailableError, type ActAsSession, type Committed } from '../sessions/index.ts';
import { onlyCookies } from '../settle/session-cookie.ts';
import { headerOf, type Settled } from '../settle/settle.ts';

export type CommittedSeat = {
  readonly kind: 'committed';
  /** As touched by this request. */
  readonly session: ActAsSession;
  /** Header lines that seat the subject, lower-case names. */
  readonly token: Readonly<Record<string, string>>;
  /** What the jar and the browser's own configured cookies come to. */
  readonly cookie: string | null;
};

export type NotSeated = { readonly kind: 'not_seated'; readonly refusal: Refusal };

type Seat = CommittedSeat | NotSeated;

/**
 * Everything that may still go wrong before the first byte leaves; a session store that fails here refuses. At once where
 * nobody has to be asked.
 */
export function commitSeat(decided: Decided, parts: Parts): Seat | Promise<Seat> {
  const { session } = decided;
  const settling = parts.jars.settled(session.tokenHash);
  const token = parts.delegation.headers(session);
  const seated = parts.canary.askIfDue(session);
  return seated instanceof Promise || token instanceof Promise || settling !== null
    ? Promise.all([seated, token, settling])
        .then(([who, headers]) => commit(decided, who, headers, parts))
        .catch(unavailable)
    : commit(decided, seated, token, parts);
}

function commit(
  decided: Decided,
  seated: Seated,
  token: CommittedSeat['token'],
  parts: Parts,
): Seat | Promise<Seat> {
  const { session, request, decision } = decided;
  if (seated === 'someone_else') return leave(session, parts);
  // Last, with nothing to wait for between it and the first byte, but for a cart not seen before: what was ended before
  // this is not sent. A background request keeps nothing alive, but it passes nothing dead either.
  const touch = !decision.background && !inBackground(request);
  const committed = parts.sessions.commit(session.tokenHash, parts.clock.now(), touch);
  return committed instanceof Promise
    ? committed.then((seat) => seatOn(seat, decided, token, parts)).catch(unavailable)
    : seatOn(committed, decided, token, parts);
}

function seatOn(
  committed: Committed | null,
  decided: Decided,
  token: CommittedSeat['token'],
  parts: Parts,
): Seat | Promise<Seat> {
  const { session: seated, request, decision, target } = decided;
  if (committed === null) return over(seated, parts);
  const { session } = committed;
  if (givenBack(decided, session, parts)) return { kind: 'not_seated', refusal: notLocked(session) };
  const jar = parts.jars.headerOf(session.tokenHash, committed.jar, target);
  const cookie = joined(jar, ownCookies(request, parts));
  const seat: Seat = { kind: 'committed', session, token, cookie };
  return decision.cart !== null && 'id' in decision.cart
    ? seeCart(session, decision.cart.id, parts).then(
        (live) => (live ? seat : over(session, parts)),
        unavailable,
      )
    : seat;
}

/** Decided on while the cart was locked, and its owner writes by now. */
function givenBack({ session, request }: Decided, { locked }: ActAsSession, parts: Parts): boolean {
  return session.locked && !locked && couldBePaused(request, parts.policy());
}

const notLocked = ({ subject, actor }: ActAsSession): Refusal =>
  refusal('not_locked', { subject: subject.name, actor: actor.name });

function over(session: ActAsSession, parts: Parts): NotSeated {
  return { kind: 'not_seated', refusal: sessionEnded(session, null, parts.policy().settings) };
}

async function leave(session: ActAsSession, parts: Parts): Promise<NotSeated> {
  await endSession(session.id, 'wrong_seat', null, parts);
  return {
    kind: 'not_seated',
    refusal: refusal('delegation_refused', { subject: session.subject.name }),
  };
}

function unavailable(error: unknown): NotSeated {
  if (!(error instanceof SessionsUnavailableError)) throw error;
  return { kind: 'not_seated', refusal: refusal('sessions_unavailable') };
}

/** What the browser itself marks as nobody's doing: an event stream that reconnects, a page fetched in advance. */
function inBackground(request: Settled): boolean {
  const accept = headerOf(request, 'accept') ?? '';
  const purpose = `${headerOf(request, 'sec-purpose') ?? ''} ${headerOf(request, 'purpose') ?? ''}`;
  return accept.includes('text/event-stream') || purpose.includes('prefetch');
}

/** The browser's own cookies that are configured to pass, a locale say. */
function ownCookies(request: Settled, parts: Parts): string | null {
  const { cookies } = parts.config.acting;
  if (cookies.length === 0) return null;
  const header = headerOf(request, 'cookie');
  return header === null ? null : onlyCookies(header, new Set(cookies));
}

function joined(first: string | null, second: string | null): string | null {
  if (first === null) return second;
  return second === null ? first : `${first}; ${second}`;
}
