/** `npm run bench:decisions`: how long one decision and one load take, by number of rules, beside other ways of deciding. */
import { ACTING, DECIDERS, ORDINARY, type Decide, type Decider } from './deciders.ts';
import { makeApp, type MadeApp } from './made-app.ts';
import { median } from '../summary.ts';

const SIZES = [20, 1000, 10_000] as const;
const ROUNDS = 60;
/** A round of one decider lasts about this long, so that the clock's grain and one interruption hardly show. */
const ROUND_MS = 5;
const LOADS = 5;

type Measured = { readonly micros: number; readonly loadMs: number };

const table = new Map<string, Map<number, Measured>>(DECIDERS.map(({ name }) => [name, new Map()]));
for (const size of SIZES) {
  const app = makeApp(size);
  const entered = DECIDERS.filter(({ most }) => size <= most);
  const ready = [];
  for (const decider of entered) ready.push({ decider, ...(await load(decider, app)) });
  const micros = new Map<string, number[]>(entered.map(({ name }) => [name, []]));
  for (const { decide } of ready) timed(decide, app, 200);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { decider, decide } of ready) micros.get(decider.name)?.push(timed(decide, app, ROUND_MS));
  for (const { decider, loadMs } of ready)
    table.get(decider.name)?.set(size, { micros: median(micros.get(decider.name) ?? []), loadMs });
}
print();

async function load(decider: Decider, app: MadeApp): Promise<{ decide: Decide; loadMs: number }> {
  const times: number[] = [];
  for (let count = 1; ; count += 1) {
    const started = performance.now();
    const decide = await decider.load(app);
    times.push(performance.now() - started);
    if (count === LOADS) return { decide, loadMs: median(times) };
  }
}

/** Microseconds for one decision, over at least `forMs` milliseconds of them. */
function timed(decide: Decide, { requests }: MadeApp, forMs: number): number {
  const started = performance.now();
  let decisions = 0;
  let concluded: unknown = null;
  do {
    for (const asked of requests) concluded = decide(asked);
    decisions += requests.length;
  } while (performance.now() - started < forMs);
  if (concluded === undefined) throw new Error('nothing was concluded');
  return ((performance.now() - started) * 1000) / decisions;
}

function print(): void {
  console.log(`One decision, in microseconds: median of ${ROUNDS} rounds in which everyone takes a turn. Settling the path is part of the gateway's.
Node ${process.versions.node}.\n`);
  console.log(
    row(
      '',
      SIZES.map((size) => `${size} rules`),
      `loading ${SIZES.at(-1) ?? 0}`,
    ),
  );
  for (const [name, by] of table) {
    const cells = SIZES.map((size) => by.get(size)?.micros.toFixed(2) ?? '–');
    const loading = by.get(SIZES.at(-1) ?? 0)?.loadMs;
    console.log(row(name, cells, loading === undefined ? '–' : `${Math.round(loading)} ms`));
  }
  console.log();
  for (const { what, found, most } of promises())
    console.log(`  ${found <= most ? 'met   ' : 'MISSED'}  ${what}: ${found.toFixed(2)}, at most ${most}`);
}

function promises() {
  const micros = (name: string, size: number): number => table.get(name)?.get(size)?.micros ?? Number.NaN;
  const largest = SIZES.at(-1) ?? 0;
  return [
    { what: 'an ordinary request with 20 rules, µs', found: micros(ORDINARY, 20), most: 2 },
    { what: 'an acting request with 20 rules, µs', found: micros(ACTING, 20), most: 5 },
    {
      what: `ordinary, ${largest} rules to 20`,
      found: micros(ORDINARY, largest) / micros(ORDINARY, 20),
      most: 1.5,
    },
    {
      what: `acting, ${largest} rules to 20`,
      found: micros(ACTING, largest) / micros(ACTING, 20),
      most: 1.5,
    },
    {
      what: `loading ${largest} rules, s`,
      found: (table.get(ACTING)?.get(largest)?.loadMs ?? Number.NaN) / 1000,
      most: 1,
    },
  ];
}

function row(name: string, cells: readonly string[], last: string): string {
  return [name.padEnd(24), ...[...cells, last].map((cell) => cell.padStart(14))].join('');
}
