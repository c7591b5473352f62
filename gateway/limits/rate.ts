/** How often something may happen for one key: a bucket that fills evenly, so that a pause is never needed for long. */

export type Rate = {
  /** Whether it may happen once more now; if so, it counts. */
  take(key: string): boolean;
};

export type RateOptions = {
  readonly perMinute: number;
  /** Milliseconds. */
  readonly clock: () => number;
};

const MINUTE = 60_000;
/** Beyond, whoever has been quiet the longest is forgotten, and their bucket is full again. */
const MOST_KEYS = 10_000;

export function createRate({ perMinute, clock }: RateOptions): Rate {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(key) {
      const now = clock();
      const known = buckets.get(key) ?? { left: perMinute, at: now };
      // A clock that is set back fills nothing.
      const filled = (Math.max(0, now - known.at) * perMinute) / MINUTE;
      const left = Math.min(perMinute, known.left + filled);
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_KEYS && oldest !== undefined) buckets.delete(oldest);
      return left >= 1;
    },
  };
}
