/** Turns the rounds of a scenario into medians, and into ratios of the gateway to each peer, round by round. */
import type { PeerName } from './contestants.ts';
import type { Measurement } from './measure.ts';
import type { Scenario, Target } from './scenarios.ts';

/** What one contestant did in every round, in the order of the rounds. */
export type Rounds = ReadonlyMap<PeerName, readonly Measurement[]>;

export type Ratio = { readonly median: number; readonly least: number; readonly most: number };

export type Line = {
  readonly name: PeerName;
  readonly median: Measurement;
  /** Requests that a full core carries in a second. */
  readonly carries: number;
  /** How many times the peer's figure the gateway's is, with the lowest and highest round; null for the gateway itself. */
  readonly ratio: Ratio | null;
  /** The same of the main threads alone. */
  readonly mainRatio: Ratio | null;
  readonly target: (Target & { readonly met: boolean }) | null;
};

export function summarise(scenario: Scenario, rounds: Rounds): readonly Line[] {
  const own = rounds.get('gateway') ?? [];
  return Array.from(rounds, ([name, measurements]) => {
    const ratioBy = (cost: (one: Measurement) => number): Ratio | null =>
      name === 'gateway' ? null : ratioOf(own.map(cost), measurements.map(cost));
    const ratio = ratioBy(({ cpuMicros, seen }) => (scenario.cores === 'own' ? cpuMicros : 1 / seen));
    const target = scenario.targets.find(({ peer }) => peer === name);
    const middle = medians(measurements);
    return {
      name,
      median: middle,
      carries: 1e6 / middle.cpuMicros,
      ratio,
      mainRatio: ratioBy(({ mainMicros }) => mainMicros),
      target:
        target === undefined || ratio === null ? null : { ...target, met: ratio.median >= target.least },
    };
  });
}

/** Of neighbours in time only, so that a machine that grows slower takes nothing from either. */
function ratioOf(own: readonly number[], peer: readonly number[]): Ratio | null {
  if (own.length === 0) return null;
  const each = own.map((mine, round) => (peer[round] ?? Number.NaN) / mine);
  return { median: median(each), least: Math.min(...each), most: Math.max(...each) };
}

function medians(measurements: readonly Measurement[]): Measurement {
  const of = (read: (one: Measurement) => number): number => median(measurements.map(read));
  return {
    cpuMicros: of(({ cpuMicros }) => cpuMicros),
    mainMicros: of(({ mainMicros }) => mainMicros),
    seen: of(({ seen }) => seen),
    coreUsed: of(({ coreUsed }) => coreUsed),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
