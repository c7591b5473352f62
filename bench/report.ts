/** Prints what was measured as tables that a person understands, and says which targets hold. */
import type { Cores } from './cores.ts';
import type { Options } from './options.ts';
import type { Scenario } from './scenarios.ts';
import type { Line } from './summary.ts';

/** Below this share of the cores, other programs hardly show. */
const QUIET = 0.1;

export function introduction(cores: Cores, options: Options): string {
  const around =
    cores.load === cores.upstream
      ? `load generator and upstream together on core ${cores.load}`
      : `load generator on core ${cores.load}, upstream on core ${cores.upstream}`;
  return `Understudy's gateway beside other reverse proxies, in front of the same small upstream.

  Node ${process.versions.node}, ${cores.model}, ${cores.all.length} cores; the proxy alone on core ${cores.proxy}, ${around}.
  ${options.connections} kept connections; ${options.rounds} rounds of ${options.seconds} s; in every round each proxy has its turn, so that drift cancels.

  CPU          microseconds of CPU time that the proxy spends on one request; everything compared rests on this
  main         of these, those of its main thread: what is left to one core where other threads have another
  a core does  requests a second that one core carries when it does nothing else: 1 s / CPU
  seen         requests a second that the clients saw. While \`core\` is below 95 %, the load generator and the
               upstream were the slower part, and this says nothing about the proxy
  ratio        a core does, gateway to this peer: median of the rounds, lowest and highest in brackets; where everything
               runs on every core, of what was seen
`;
}

export function table(scenario: Scenario, lines: readonly Line[]): string {
  const head = ['', 'CPU', 'main', 'a core does', 'seen', 'core', 'p50', 'p99', 'gateway is'];
  const body = lines.map(({ name, median, carries, ratio }) => [
    name,
    `${median.cpuMicros.toFixed(1)} µs`,
    `${median.mainMicros.toFixed(1)} µs`,
    `${thousands(carries)}/s`,
    `${thousands(median.seen)}/s`,
    `${Math.round(median.coreUsed * 100)} %`,
    `${median.p50.toFixed(1)} ms`,
    `${median.p99.toFixed(1)} ms`,
    ratio === null
      ? ''
      : `${ratio.median.toFixed(2)} × (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)})`,
  ]);
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const laid = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  );
  const targets = lines.flatMap(({ target, ratio, mainRatio }) =>
    target === null || ratio === null || mainRatio === null
      ? []
      : `target: at least ${target.least.toFixed(1)} × ${target.peer}: ${target.met ? 'met' : 'NOT MET'} (${ratio.median.toFixed(2)}; main threads alone ${mainRatio.median.toFixed(2)})`,
  );
  return [scenario.title, ...[...laid, ...targets].map((line) => `  ${line}`), ''].join('\n');
}

/** @param share of all cores, from 0 to 1 */
export function otherPrograms(share: number): string {
  const percent = `${Math.round(share * 100)} %`;
  return share < QUIET
    ? `Other programs took ${percent} of the machine meanwhile.`
    : `Other programs took ${percent} of the machine meanwhile, which moves every figure above: repeat this when it is idle.`;
}

function thousands(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ' ');
}
