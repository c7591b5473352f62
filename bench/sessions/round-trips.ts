/** How many scripts Redis runs for the commit point of one acting request, and how long that takes. */
import type { BenchRedis } from './bench-redis.ts';
import { tokenHashOf } from './made-session.ts';

export type RoundTrips = { readonly perCommit: number; readonly p50Ms: number; readonly p99Ms: number };

const REQUESTS = 5_000;
/** The instance asks by itself whether Redis is there. */
const BEAT_MS = 1_000;

export async function countRoundTrips(redis: BenchRedis): Promise<RoundTrips> {
  const store = await redis.open();
  const token = tokenHashOf(0);
  for (let warm = 0; warm < 100; warm += 1) await store.commit(token, Date.now(), true);
  redis.cli('CONFIG', 'RESETSTAT');
  const took: number[] = [];
  const started = performance.now();
  for (let request = 0; request < REQUESTS; request += 1) {
    const asked = performance.now();
    // As the pipeline does: whose seat it is, and then the commit point.
    await store.find(token, Date.now());
    if ((await store.commit(token, Date.now(), true)) === null) throw new Error('the session is gone');
    took.push(performance.now() - asked);
  }
  const beats = Math.ceil((performance.now() - started) / BEAT_MS);
  const calls = [...redis.cli('INFO', 'commandstats').matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
  const scripts = calls.reduce((sum, [, count]) => sum + Number(count), 0);
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  // Every store that is open beats; only what requests asked is theirs.
  return { perCommit: Math.max(0, scripts - 2 * beats) / REQUESTS, p50Ms: at(0.5), p99Ms: at(0.99) };
}
