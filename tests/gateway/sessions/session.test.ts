import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isLive,
  newSession,
  sessionEndRecord,
  touched,
  whyEnded,
  type SessionEnd,
} from '../../../gateway/sessions/index.ts';
import { facts, hour, minute } from '../../contract/session-store.facts.ts';

const begin = Date.UTC(2026, 3, 18);
const session = newSession(facts({ id: 's1' }), begin);

describe('a session', () => {
  it('lives thirty minutes without a touch and dies at the instant they are over', () => {
    expect(isLive(session, begin + 30 * minute - 1)).toBe(true);
    expect(isLive(session, begin + 30 * minute)).toBe(false);
    expect(whyEnded(session, begin + 30 * minute - 1)).toBeNull();
    expect(whyEnded(session, begin + 30 * minute)).toBe('idle_timeout');
  });

  it('whose idle time is longer than its absolute time ends absolutely', () => {
    const short = newSession(facts({ id: 's1', idleTimeoutMs: 3 * hour }), begin);
    expect(short.idleExpiresAt).toBe(begin + 2 * hour);
    expect(whyEnded(short, begin + 2 * hour)).toBe('absolute_timeout');
  });

  it('that idled away long before its absolute expiry is still called idle when both are over', () => {
    expect(whyEnded(session, begin + 5 * hour)).toBe('idle_timeout');
  });

  it('kept busy to the end is called absolutely expired', () => {
    const busy = [25, 50, 75, 100].reduce((current, at) => touched(current, begin + at * minute), session);
    expect(busy.idleExpiresAt).toBe(begin + 2 * hour);
    expect(whyEnded(busy, begin + 2 * hour)).toBe('absolute_timeout');
  });

  it('is never revived, never moved back and never moved past its absolute expiry by any touches', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -hour, max: hour }), { maxLength: 50 }), (steps) => {
        let now = begin;
        let current = session;
        for (const step of steps) {
          now += step;
          const next = touched(current, now);
          expect(next.idleExpiresAt).toBeGreaterThanOrEqual(current.idleExpiresAt);
          expect(next.idleExpiresAt).toBeLessThanOrEqual(begin + 2 * hour);
          expect(next.absoluteExpiresAt).toBe(begin + 2 * hour);
          expect(isLive(next, now)).toBe(isLive(current, now));
          const slid = Math.max(current.idleExpiresAt, Math.min(now + 30 * minute, begin + 2 * hour));
          expect(next.idleExpiresAt).toBe(isLive(current, now) ? slid : current.idleExpiresAt);
          current = next;
        }
      }),
    );
  });
});

describe('the end of a session', () => {
  it.each<[SessionEnd, string, string]>([
    ['stopped', 'stop', 'stop_acting'],
    ['signed_out', 'stop', 'sign_out'],
    ['stopped_by_reviewer', 'stop', 'stopped_by_reviewer'],
    ['idle_timeout', 'expired', 'idle_timeout'],
    ['absolute_timeout', 'expired', 'absolute_timeout'],
    ['actor_signed_out', 'expired', 'actor_signed_out'],
    ['actor_inactive', 'expired', 'actor_inactive'],
    ['actor_not_permitted', 'expired', 'actor_not_permitted'],
    ['wrong_seat', 'expired', 'wrong_seat'],
  ])('%s is written as %s with the action %s', (why, event, action) => {
    expect(sessionEndRecord(why)).toEqual({ event, action });
  });
});
