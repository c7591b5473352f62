/** `npm test`: brings the programs the tests need where it may, runs every test, and closes with one line that counts them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** What the tests start for real: where it stands, and the Debian package that brings it. */
const PROGRAMS = [
  { name: 'Chromium', file: '/usr/bin/chromium', package: 'chromium' },
  { name: 'Redis', file: '/usr/bin/redis-server', package: 'redis-server' },
  { name: 'PostgreSQL 15', file: '/usr/lib/postgresql/15/bin/postgres', package: 'postgresql-15' },
];

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

if (!bringPrograms()) process.exit(1);
process.exit(runTests(process.argv.slice(2)) ? 0 : 1);

function runTests(filters: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
  const file = join(folder, 'report.json');
  const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  // Hundreds of commands and gateways are started; what Node makes of the code is the same each time.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const run = spawnSync(process.execPath, [vitest, ...args, ...filters], { stdio: 'inherit', env });
  const report = existsSync(file) ? reportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
  rmSync(folder, { recursive: true, force: true });

  // A file that could not even be loaded counts as a failure, though no test of it ran.
  const unloaded = report?.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  );
  const failed = (report?.numFailedTests ?? 0) + (unloaded?.length ?? 0);
  const passed = report?.numPassedTests ?? 0;
  const green = run.status === 0 && failed === 0 && passed > 0;
  console.log(`${passed} passed, ${green ? 0 : Math.max(1, failed)} failed`);
  return green;
}

function bringPrograms(): boolean {
  const wanted = PROGRAMS.filter(({ file }) => !existsSync(file));
  if (wanted.length === 0) return true;
  const packages = wanted.map((program) => program.package).join(' ');
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages}`;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`The tests need ${packages}; installing Debian's packages: ${install}`);
    // At this run level no server that comes with a package starts by itself; the tests start their own.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync('sh', ['-c', install], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
  const missing = wanted.filter(({ file }) => !existsSync(file));
  for (const { name, file } of missing) console.error(`The tests need ${name} at ${file}.`);
  if (missing.length > 0) console.error(`Install it and run again:\n\n  sudo sh -c '${install}'\n`);
  return missing.length === 0;
}
