/** How much an instance holds of so many live sessions, and how soon it has them: at its start, and after a broken connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRedis } from './bench-redis.ts';
import { madeSession } from './made-session.ts';

export type Followed = { readonly growthMiB: number; readonly stepMs: number; readonly againMs: number };

const STARTED_AT_ONCE = 100;

export async function timeFollowing(redis: BenchRedis, sessions: number): Promise<Followed> {
  const first = await redis.open();
  for (let from = 0; from < sessions; from += STARTED_AT_ONCE) {
    const some = Array.from({ length: Math.min(STARTED_AT_ONCE, sessions - from) }, (_, n) => from + n);
    await Promise.all(some.map((index) => first.start(madeSession(index, Date.now()))));
  }
  await first.close();

  const before = held();
  const started = performance.now();
  const store = await redis.open();
  while (store.liveCount() < sessions || !store.health().ok) await sleep(5);
  const stepMs = performance.now() - started;
  const growthMiB = held() - before;

  redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
  while (store.health().ok) await sleep(1);
  const broken = performance.now();
  while (!store.health().ok) await sleep(5);
  return { growthMiB, stepMs, againMs: performance.now() - broken };
}

/** Mebibytes in use after collecting twice; needs `--expose-gc`. */
function held(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 ** 2;
}
