/** Decides an acting request, and refuses none for a role or claim that its actor was given a moment ago. */
import type { IncomingMessage } from 'node:http';
import { decideActing, type ActingDecided, type Ambiguous, type Asked } from '../decide.ts';
import { releaseBody } from '../hold-body.ts';
import type { Parts } from '../parts.ts';
import { confirmSeat, type Seat } from '../seat.ts';

/**
 * What is remembered of an actor is some seconds old. Where it lacks what a rule asks for, the app is asked anew: once
 * for the request, and so many times a minute for one person, so that nobody can ask the app by being refused.
 */
export async function decideByRightsOfNow(
  asked: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<ActingDecided | Ambiguous | Extract<Seat, { kind: 'ended' }>> {
  const first = await decideActing(asked, incoming, parts);
  if (first.kind !== 'decided' || first.decision.missed?.condition !== 'actors') return first;
  if (!parts.askAgainRate.take(asked.session.actor.id)) return first;
  const seat = await confirmSeat(asked.session, asked.request, incoming, parts);
  if (seat.kind === 'ended') {
    releaseBody(first.held, parts);
    return seat;
  }
  if (seat.kind !== 'acting') return first;
  // A body that no rule looks into was not read for a decision that refuses it.
  return first.held === null
    ? decideActing({ request: asked.request, session: seat.session }, incoming, parts)
    : first.anew(seat.session);
}
