/** `npm run bench:sessions`: what ten thousand live sessions in Redis cost an instance, and what an acting request asks of Redis. */
import { parseArgs } from 'node:util';
import { startBenchRedis } from './bench-redis.ts';
import { timeFollowing } from './following.ts';
import { countRoundTrips } from './round-trips.ts';

const { values } = parseArgs({ options: { sessions: { type: 'string', default: '10000' } } });
const sessions = Number(values.sessions);
const redis = await startBenchRedis();
try {
  console.log(`Act-as sessions in Redis on this machine; Node ${process.versions.node}.\n`);
  const { growthMiB, stepMs, againMs } = await timeFollowing(redis, sessions);
  console.log(
    `${sessions} live sessions, known by heart to an instance that starts, and after its connection broke:`,
  );
  told('memory, MiB', growthMiB, 50);
  told('until it is in step at start, ms', stepMs, 5_000);
  told('until it is in step again, ms', againMs, 5_000);
  const { perCommit, p50Ms, p99Ms } = await countRoundTrips(redis);
  console.log(
    `\nThe commit point of an acting request: ${p50Ms.toFixed(2)} ms (p99 ${p99Ms.toFixed(2)} ms).`,
  );
  told('round trips', perCommit, 1);
} finally {
  await redis.close();
}

function told(what: string, found: number, atMost: number): void {
  console.log(`  ${found <= atMost ? 'met   ' : 'MISSED'}  ${what}: ${found.toFixed(2)}, at most ${atMost}`);
}
