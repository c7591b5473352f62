/** Takes the seat of a session that begins, in place of those that may be ended for it; whose it is stays certain throughout. */
import { momentWords } from '../moment-words.ts';
import type { Parts } from '../parts.ts';
import type { HttpFacts } from '../record/events.ts';
import { refusal, type Refusal } from '../refusal.ts';
import {
  changed,
  SessionsUnavailableError,
  type ActAsSession,
  type EndedSession,
  type SeatTaken,
} from '../sessions/index.ts';
import { recordEnd } from './end-session.ts';

type Asked = {
  /** Whether a session in the way is to end for this one: the actor's own in another browser or, by permission, a colleague's. */
  readonly takeover: boolean | 'own';
  readonly http: HttpFacts;
};

/** Two seats can be in the way, the actor's and the subject's; whoever sits there may change while we ask. */
const MOST_ATTEMPTS = 4;

/** The cookie of a session may be lost with its browser; nobody must be locked out until it runs out. */
export async function takeSeat(
  made: ActAsSession,
  mayTakeOver: (taken: SeatTaken) => boolean,
  { takeover, http }: Asked,
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
