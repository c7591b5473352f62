import { describe, expect, it } from 'vitest';
import { createRate } from '../../../gateway/limits/rate.ts';
import { MINUTE } from '../../system.ts';

describe('a rate', () => {
  it('fills evenly, to its brim and no further, and not by a clock set back', () => {
    let now = 0;
    const rate = createRate({ perMinute: 2, clock: () => now });
    const take = (): boolean => rate.take('mia');
    expect([take(), take(), take()]).toEqual([true, true, false]);
    now = MINUTE / 2;
    expect([take(), take()]).toEqual([true, false]);
    now = 60 * MINUTE;
    expect([take(), take(), take()]).toEqual([true, true, false]);
    now = 0;
    expect(take()).toBe(false);
  });

  it('forgets the quietest where there are too many to remember', () => {
    const rate = createRate({ perMinute: 1, clock: () => 0 });
    rate.take('first');
    for (let key = 0; key < 10_000; key += 1) rate.take(String(key));
    expect([rate.take('9999'), rate.take('first')]).toEqual([false, true]);
  });
});
