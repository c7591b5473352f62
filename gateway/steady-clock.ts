/** A clock that is never behind: set back, it goes on at the pace of one that nobody can set. */
import type { Clock } from './parts.ts';

/**
 * What was to end at a time does so at the latest when as long has passed. Set forward, it follows, and ends things early.
 * @param monotonic milliseconds since whenever, such as `performance.now`.
 * @param onBehind told once each time the wall clock is found to be set back, in milliseconds.
 */
export function steadyClock(
  wall: Clock,
  monotonic: () => number,
  onBehind: (ms: number) => void = () => undefined,
): Clock {
  const began = wall.now() - monotonic();
  let told = false;
  return {
    now() {
      const steady = Math.trunc(began + monotonic());
      const now = wall.now();
      const behind = steady - now;
      if (behind > SLACK_MS && !told) onBehind(behind);
      told = behind > SLACK_MS;
      return Math.max(now, steady);
    },
  };
}

/** Clocks are nudged all the time. */
const SLACK_MS = 2000;
