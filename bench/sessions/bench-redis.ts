/** A redis-server of the bench's own, in a folder and on a port of its own, and stores of sessions on it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSessionStore, type SessionStore } from '../../gateway/index.ts';

export type BenchRedis = {
  /** One more instance on the same sessions. */
  open(): Promise<SessionStore>;
  /** What redis-cli prints. */
  cli(...args: string[]): string;
  close(): Promise<void>;
};

const silent = { warn: () => undefined, info: () => undefined };

export async function startBenchRedis(): Promise<BenchRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-sessions-'));
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    {
      stdio: 'ignore',
    },
  );
  const stop = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const cli = (...args: string[]): string =>
    execFileSync('redis-cli', ['-p', `${port}`, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  for (let tries = 0; ; tries += 1) {
    try {
      cli('PING');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
  const redis = { url: `redis://127.0.0.1:${port}`, prefix: 'bench', accept_eviction: false };
  const opened: SessionStore[] = [];
  return {
    async open() {
      const options = { log: silent, clock: { now: () => Date.now() } };
      const store = await openSessionStore(
        { sessions: { redis }, links: { at_most: 0 }, keys: { folder: join(folder, 'keys') } },
        options,
      );
      opened.push(store);
      return store;
    },
    cli,
    async close() {
      await Promise.all(opened.map((store) => store.close()));
      process.off('exit', stop);
      stop();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port was given out'));
        else resolve(address.port);
      });
    });
  });
}
