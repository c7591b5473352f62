/** `npm run torture`: the faults in their long form; writes the table of docs/faults.md from what was seen, and prints it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS_PAGE, faultShape, rowOf, type Fault } from './fault-rows.ts';

/** Between these two stands what was seen. */
const [BEGIN, END] = ['<!-- prettier-ignore-start -->', '<!-- prettier-ignore-end -->'];
const HEAD =
  '| Fault | Acting | Ordinary | Reviewing | The record, and afterwards |\n| --- | --- | --- | --- | --- |';

/** `--short` takes the forms of `npm test`, which is enough to write the page. */
const short = process.argv.includes('--short');
const folder = mkdtempSync(join(tmpdir(), 'understudy-torture-'));
const collected = join(folder, 'seen');
const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const run = spawnSync(process.execPath, [vitest, 'run', 'tests/faults', '--no-file-parallelism'], {
  stdio: 'inherit',
  env: { ...process.env, FAULTS_SEEN: collected, ...(short ? {} : { TORTURE: '1' }) },
});
const faults = existsSync(collected) ? readFaults(collected) : [];
rmSync(folder, { recursive: true, force: true });
const table = tableOf(faults);
console.log(table);
if (run.status === 0) {
  const [intro = ''] = readFileSync(FAULTS_PAGE, 'utf8').split(BEGIN);
  writeFileSync(FAULTS_PAGE, `${intro}${BEGIN}\n${table}\n${END}\n`);
}
process.exit(run.status ?? 1);

function readFaults(file: string): readonly Fault[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => faultShape.parse(JSON.parse(line)));
}

function tableOf(all: readonly Fault[]): string {
  return faultShape.shape.part.options
    .map((part) => ({ part, rows: all.filter((fault) => fault.part === part) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ part, rows }) => `\n## ${part}\n\n${HEAD}\n${rows.map(rowOf).toSorted().join('\n')}\n`)
    .join('');
}
