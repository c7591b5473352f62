/** On which terms a session runs: how long, from where, and when it pauses the shopper. */
import { mayActFor, type Grant } from './permission.ts';
import type { Person } from './person.ts';

/** Whether the shopper's cart pauses with the session, or once the actor locks it. */
export type Pause = 'at_start' | 'on_lock';

export type Terms = {
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  /** Path of the app where a session begins. */
  readonly landOn: string;
  readonly pause: Pause;
};

/**
 * Of several lines that fit, the shortest times count; where a session begins and when it pauses is the word of the
 * first of them that says so.
 */
export function termsOf(
  grants: readonly Grant[],
  never: readonly string[],
  actor: Person,
  subject: Person,
  otherwise: Terms,
): Terms {
  const fitting = grants.filter((grant) => mayActFor([grant], never, actor, subject).allowed);
  const absoluteTimeoutMs = shortest(
    fitting.map((grant) => grant.absolute_timeout),
    otherwise.absoluteTimeoutMs,
  );
  const idleTimeoutMs = shortest(
    fitting.map((grant) => grant.idle_timeout),
    otherwise.idleTimeoutMs,
  );
  return {
    absoluteTimeoutMs,
    idleTimeoutMs: Math.min(idleTimeoutMs, absoluteTimeoutMs),
    landOn: fitting.find((grant) => grant.land_on !== undefined)?.land_on ?? otherwise.landOn,
    pause: fitting.find((grant) => grant.pause !== undefined)?.pause ?? otherwise.pause,
  };
}

/** A line that says nothing has the general time, which may be the shortest. */
function shortest(times: readonly (number | undefined)[], general: number): number {
  return times.length === 0 ? general : Math.min(...times.map((time) => time ?? general));
}
