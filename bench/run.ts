/** `npm run bench`: measures the gateway beside its peers in one run and prints medians and ratios. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GATEWAY, PEERS, SEATING, startContestant, type Contestant, type PeerName } from './contestants.ts';
import { assignCores } from './cores.ts';
import { startLoadGenerator, type LoadGenerator } from './load.ts';
import { watchOtherPrograms } from './other-programs.ts';
import { measure, type Measurement } from './measure.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { freePort, startPinned } from './pinned-process.ts';
import { introduction, otherPrograms, table } from './report.ts';
import { startActing, type BenchSession } from './peers/gateway.ts';
import { SCENARIOS, USER_AGENT, type Scenario } from './scenarios.ts';
import { summarise } from './summary.ts';

/** Enough for the compiler to be done with every function that matters, on a slow machine too; on the way of a write there are more of them. */
const WARM_UP_SECONDS = { ordinary: 15, acting: 20 };

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(USAGE);
  else await run(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(options: Options): Promise<void> {
  const { scenarios, peers } = chosen(options.only);
  const cores = assignCores();
  await using stack = new AsyncDisposableStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(130)));
  }
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));

  const upstreamPort = await freePort();
  const upstreamCommand = [
    process.execPath,
    resolve(import.meta.dirname, 'upstream.ts'),
    String(upstreamPort),
  ];
  const upstream = await startPinned(cores.upstream, upstreamPort, upstreamCommand);
  stack.defer(() => upstream.stop());
  const load = await startLoadGenerator(cores.load);
  stack.defer(() => load.stop());

  const ground = {
    core: cores.proxy,
    folder,
    upstream: `http://127.0.0.1:${upstreamPort}`,
    profile: options.profile,
  };
  const contestants: Contestant[] = [];
  const missing: PeerName[] = [];
  for (const name of peers) {
    const contestant = await startContestant(name, ground);
    if (contestant === null) {
      missing.push(name);
      continue;
    }
    stack.defer(() => contestant.process.stop());
    contestants.push(contestant);
  }

  console.log(introduction(cores, options));
  if (missing.length > 0) console.log(`  Not installed here, so not measured: ${missing.join(', ')}.\n`);
  const measured = [upstream, load, ...contestants.map((one) => one.process)];
  const others = watchOtherPrograms(() => measured.reduce((sum, one) => sum + one.cpuSeconds(), 0));
  for (const scenario of scenarios) {
    const entered = contestants.filter(({ name }) => scenario.peers.includes(name));
    const shared = scenario.cores === 'shared';
    upstream.moveTo(shared ? cores.all : [cores.upstream]);
    load.moveTo(shared ? cores.all : [cores.load]);
    for (const { process: proxy } of entered) proxy.moveTo(shared ? cores.all : [cores.proxy]);
    console.log(table(scenario, summarise(scenario, await rounds(scenario, entered, load, options))));
  }
  console.log(otherPrograms(others()));
}

/** A warm-up of each, then the rounds that count, each beginning with another contestant. */
async function rounds(
  scenario: Scenario,
  contestants: readonly Contestant[],
  load: LoadGenerator,
  { connections, seconds, rounds: count }: Options,
): Promise<Map<PeerName, Measurement[]>> {
  const measured = new Map<PeerName, Measurement[]>(contestants.map(({ name }) => [name, []]));
  await using stack = new AsyncDisposableStack();
  const sessions = new Map<PeerName, BenchSession>();
  for (const { name, process: gateway } of contestants) {
    if (!scenario.acting || !SEATING.includes(name)) continue;
    const session = await startActing(gateway, USER_AGENT);
    stack.defer(() => session.stop());
    sessions.set(name, session);
  }
  const measureFor = (contestant: Contestant, howLong: number): Promise<Measurement> =>
    measure(scenario, contestant, sessions.get(contestant.name) ?? null, load, connections, howLong);
  const warmUp = WARM_UP_SECONDS[scenario.acting ? 'acting' : 'ordinary'];
  for (const contestant of contestants) {
    // In rounds as they count, with connections of their own each: what ends and begins with one has to be compiled too.
    for (let done = 0; done < warmUp; done += seconds) await measureFor(contestant, seconds);
  }
  for (let round = 0; round < count; round += 1) {
    const turn = round % contestants.length;
    for (const contestant of [...contestants.slice(turn), ...contestants.slice(0, turn)]) {
      measured.get(contestant.name)?.push(await measureFor(contestant, seconds));
    }
  }
  return measured;
}

/** The gateway takes part always; words that name no peer leave all peers in, and so with scenarios. */
function chosen(words: readonly string[]): { scenarios: readonly Scenario[]; peers: ReadonlySet<PeerName> } {
  const named = <Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] => {
    const found = items.filter((item) => words.some((word) => nameOf(item).includes(word)));
    return found.length === 0 ? items : found;
  };
  const all = [...SCENARIOS.map(({ name }) => name), ...PEERS, GATEWAY];
  const unknown = words.find((word) => !all.some((name) => name.includes(word)));
  if (unknown !== undefined) throw new Error(`--only ${unknown} names nothing; there are ${all.join(', ')}`);
  return {
    scenarios: named(SCENARIOS, ({ name }) => name),
    peers: new Set<PeerName>([GATEWAY, ...named(PEERS, (name) => name)]),
  };
}
