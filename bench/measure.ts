/** One slot: one contestant under one scenario for a few seconds, and what it cost. */
import { ORDINARY_COOKIE, type Scenario } from './scenarios.ts';
import type { Contestant } from './contestants.ts';
import type { LoadGenerator } from './load.ts';
import type { BenchSession } from './peers/gateway.ts';

export type Measurement = {
  /** Microseconds of CPU that the proxy spent on a request, all its threads together. */
  readonly cpuMicros: number;
  /** Of these, those of its main thread. */
  readonly mainMicros: number;
  /** Requests a second that the clients saw. */
  readonly seen: number;
  /** Share of its core that the proxy had and used. */
  readonly coreUsed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

/** The same length of header for the contestant that knows nothing of sessions. */
const NO_SESSION = `${ORDINARY_COOKIE}; act_as=${'x'.repeat(43)}`;

/**
 * @param acting the session in which this contestant's requests are sent, if it has one
 * @throws if any request failed: a figure of failures would be worth nothing.
 */
export async function measure(
  scenario: Scenario,
  { process: proxy }: Contestant,
  acting: BenchSession | null,
  load: LoadGenerator,
  connections: number,
  seconds: number,
): Promise<Measurement> {
  const cookie = acting?.cookie ?? (scenario.acting ? NO_SESSION : ORDINARY_COOKIE);
  const cpuBefore = proxy.cpuSeconds();
  const mainBefore = proxy.mainThreadSeconds();
  const before = performance.now();
  const result = await load.run(
    scenario.request(cookie),
    `http://127.0.0.1:${proxy.port}`,
    connections,
    seconds,
  );
  const elapsed = (performance.now() - before) / 1_000;
  const cpu = proxy.cpuSeconds() - cpuBefore;
  const main = proxy.mainThreadSeconds() - mainBefore;
  const { total } = result.requests;
  return {
    cpuMicros: (cpu / total) * 1e6,
    mainMicros: (main / total) * 1e6,
    seen: total / elapsed,
    coreUsed: cpu / elapsed,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
