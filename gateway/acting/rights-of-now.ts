/** Decides an acting request, and refuses none for a role or claim that its actor was given a moment ago. */
import type { IncomingMessage } from 'node:http';
import { decideActing, decidedAnew, type ActingDecided, type Ambiguous, type Asked } from '../decide.ts';
import { releaseBody } from '../hold-body.ts';
import type { Parts } from '../parts.ts';
import { confirmSeat, type Seat } from '../seat.ts';

export type DecidedByNow = ActingDecided | Ambiguous | Extract<Seat, { kind: 'ended' }>;

/**
 * What is remembered of an actor is some seconds old. Where it lacks what a rule asks for, the app is asked anew: once
 * for the request, and so many times a minute for one person, so that nobody can ask the app by being refused.
 */
export function decideByRightsOfNow(
  asked: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): DecidedByNow | Promise<DecidedByNow> {
  const first = decideActing(asked, incoming, parts);
  return first instanceof Promise
    ? first.then((decided) => orAskAgain(decided, asked, incoming, parts))
    : orAskAgain(first, asked, incoming, parts);
}

function orAskAgain(
  first: ActingDecided | Ambiguous,
  asked: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): DecidedByNow | Promise<DecidedByNow> {
  if (first.kind !== 'decided' || first.decision.missed?.condition !== 'actors') return first;
  if (!parts.askAgainRate.take(asked.session.actor.id)) return first;
  return decideAgain(first, asked, incoming, parts).catch((error: unknown) => {
    releaseBody(first.held, parts);
    throw error;
  });
}

async function decideAgain(
  first: ActingDecided,
  { request, session }: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<DecidedByNow> {
  const seat = await confirmSeat(session, request, incoming, parts);
  if (seat.kind === 'ended') {
    releaseBody(first.held, parts);
    return seat;
  }
  if (seat.kind !== 'acting') return first;
  // A body that no rule looks into was not read for a decision that refuses it.
  return first.held === null
    ? decideActing({ request, session: seat.session }, incoming, parts)
    : decidedAnew(first, seat.session);
}
