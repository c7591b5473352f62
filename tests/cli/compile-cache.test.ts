/** What was compiled is kept beside the packages, for the threads too, and made at install, so that the first start is quick. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const bin = resolve(import.meta.dirname, '../../bin');
const WHERE = `
  import module from 'node:module';
  import { isMainThread, parentPort, Worker } from 'node:worker_threads';
  if (isMainThread) {
    const { useCompileCache } = await import('./bin/compile-cache.mjs');
    useCompileCache();
    new Worker(new URL(import.meta.url)).on('message', (thread) =>
      console.log(JSON.stringify([module.getCompileCacheDir() ?? null, thread])));
  } else parentPort.postMessage(module.getCompileCacheDir() ?? null);`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'under study-'));
  mkdirSync(join(folder, 'bin'));
  cpSync(join(bin, 'compile-cache.mjs'), join(folder, 'bin/compile-cache.mjs'));
  writeFileSync(join(folder, 'where.mjs'), WHERE);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The folder that the process uses, and the one that a thread of it uses. */
function usedWith(environment: Record<string, string>): unknown {
  const { PATH = '' } = process.env;
  const env = { PATH, ...environment };
  return JSON.parse(execFileSync(process.execPath, [join(folder, 'where.mjs')], { env, encoding: 'utf8' }));
}

it.each([{}, { NODE_COMPILE_CACHE: '' }])('is beside the packages with %j', (environment) => {
  const beside: unknown = expect.stringContaining(join(folder, 'node_modules/.cache/understudy/'));
  expect(usedWith(environment)).toEqual([beside, beside]);
});

it('is where the environment says', () => {
  const elsewhere = join(folder, 'elsewhere');
  const there: unknown = expect.stringContaining(`${elsewhere}/`);
  expect(usedWith({ NODE_COMPILE_CACHE: elsewhere })).toEqual([there, there]);
});

it('is not kept where nothing is to be kept', () => {
  expect(usedWith({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([null, null]);
  expect(readdirSync(folder)).not.toContain('node_modules');
});

it('is made at install without starting anything', () => {
  const compiled = join(folder, 'compiled');
  const { PATH = '' } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE: compiled };
  const said = execFileSync(process.execPath, [join(bin, 'compile.mjs')], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
  expect(said).toBe('');
  const [version = ''] = readdirSync(compiled);
  expect(readdirSync(join(compiled, version)).length).toBeGreaterThan(300);
  expect(readdirSync(folder)).not.toContain('data');
});
