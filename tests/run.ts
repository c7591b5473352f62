/** `npm test`: brings Chromium where it may, runs every test, and closes with one line that counts them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const CHROMIUM = '/usr/bin/chromium';
const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends chromium';

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

if (!bringChromium()) process.exit(1);
process.exit(runTests(process.argv.slice(2)) ? 0 : 1);

function runTests(filters: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
  const file = join(folder, 'report.json');
  const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const run = spawnSync(process.execPath, [vitest, ...args, ...filters], { stdio: 'inherit' });
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

function bringChromium(): boolean {
  if (existsSync(CHROMIUM)) return true;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`The browser tests need Chromium; installing Debian's package: ${INSTALL}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('sh', ['-c', INSTALL], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
  if (existsSync(CHROMIUM)) return true;
  console.error(
    `The browser tests need Chromium at ${CHROMIUM}. Install it and run again:\n\n  sudo sh -c '${INSTALL}'\n`,
  );
  return false;
}
