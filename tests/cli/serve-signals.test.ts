/** Whoever tells a gateway something while it starts is heard: an orchestrator that changed its mind, a policy just saved. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cli, writeSetup } from '../security/gateway-process.ts';

const SIGHUP = 1;

test('told to read its policy again and to stop while it starts, it begins, and then closes in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-signals-'));
  const child = spawn(process.execPath, [cli, 'serve', '--config', writeSetup(folder)], {
    env: { PORT: '0', PRIVATE_PORT: '0', UPSTREAM_URL: 'http://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<readonly [code: number | null, signal: string | null]>((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await expect.poll(() => listensTo(SIGHUP, child.pid ?? 0), { timeout: 10_000, interval: 5 }).toBe(true);
  expect(log).toBe('');
  child.kill('SIGHUP');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const messages = Array.from(log.matchAll(/"msg":"([^"]+)"/g), ([, message]) => message);
  expect(messages).toEqual(['listening', 'stopping; requests under way are finished']);
});

/** Whether the process would hear it, rather than be ended by it (proc(5), `SigCgt`). */
function listensTo(signal: number, pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}
