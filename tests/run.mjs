// `npm test`: brings Chromium where it may, runs every test, and closes with one line that counts them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireNode } from '../bin/require-node.mjs';

requireNode();
bringChromium();

const folder = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
const report = join(folder, 'report.json');
const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const run = spawnSync(process.execPath, [vitest, ...args, ...process.argv.slice(2)], { stdio: 'inherit' });
const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
rmSync(folder, { recursive: true, force: true });

const passed = counted?.numPassedTests ?? 0;
// A file that could not even be loaded counts as a failure, though no test of it ran.
const unloaded = (counted?.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const failed = (counted?.numFailedTests ?? 0) + unloaded.length;
const red = run.status !== 0 || failed > 0 || passed === 0;
console.log(`${passed} passed, ${red && failed === 0 ? 1 : failed} failed`);
process.exit(red ? 1 : 0);

function bringChromium() {
  if (existsSync('/usr/bin/chromium')) return;
  const install = 'apt-get update && apt-get install -y --no-install-recommends chromium';
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`The browser tests need Chromium; installing Debian's package: ${install}`);
    spawnSync('sh', ['-c', install], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (existsSync('/usr/bin/chromium')) return;
  console.error(`The browser tests need Chromium at /usr/bin/chromium. Install it and run again:\n\n  sudo sh -c '${install}'\n`);
  process.exit(1);
}
