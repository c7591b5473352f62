/** A gateway in a process of its own, as `understudy serve` runs it, that can be killed at any instant. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
export const cli = join(root, 'bin/understudy.mjs');

export type Run = {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type GatewayProcess = {
  readonly url: string;
  readonly privateUrl: string;
  /** Of the process itself. */
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Run>;
};

const unchanged = (yaml: string): string => yaml;

/** Copies the shipped gateway.yaml and policy.yaml into a folder, changed where a test wants them changed. */
export function writeSetup(
  folder: string,
  edit: { readonly gateway?: (yaml: string) => string; readonly policy?: (yaml: string) => string } = {},
): string {
  const copy = (name: string, change: (yaml: string) => string): void =>
    writeFileSync(join(folder, name), change(readFileSync(join(root, name), 'utf8')));
  copy('policy.yaml', edit.policy ?? unchanged);
  copy('gateway.yaml', edit.gateway ?? unchanged);
  return join(folder, 'gateway.yaml');
}

/** Runs a command line of the product to its end; kills it after ten seconds. */
export function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  return start(args, environment).ended;
}

/**
 * Starts `serve` and waits until it listens.
 * @param limit what the shell is to say before, such as `ulimit -n 64`.
 */
export async function startGatewayProcess(
  configFile: string,
  environment: Readonly<Record<string, string>>,
  limit?: string,
): Promise<GatewayProcess> {
  const child = start(
    ['serve', '--config', configFile],
    { PORT: '0', PRIVATE_PORT: '0', LOG_LEVEL: 'info', ...environment },
    null,
    limit,
  );
  const url = await Promise.race([
    child.said(/"url":"([^"]+)"/),
    child.ended.then(({ code, stderr }) =>
      Promise.reject(new Error(`the gateway ended with ${code}: ${stderr}`)),
    ),
  ]);
  const privateUrl = await child.said(/"private_url":"([^"]+)"/);
  return { url, privateUrl, pid: child.pid, ended: child.ended, kill: (signal) => child.kill(signal) };
}

type Child = {
  readonly pid: number;
  readonly ended: Promise<Run>;
  said(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
};

function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  limitMs: number | null = 10_000,
  before = ':',
): Child {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const shell = ['-c', `${before}; exec "$0" "$@"`, process.execPath, cli, ...args];
  const child = spawn('/bin/sh', shell, { cwd: root, env: { PATH, NODE_COMPILE_CACHE, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const limit = limitMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = new Promise<Run>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ code, stdout, stderr });
    });
  });
  return {
    ended,
    pid: child.pid ?? 0,
    said: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = pattern.exec(stdout)?.[1];
          if (found === undefined) return;
          child.stdout.off('data', look);
          resolve(found);
        };
        child.stdout.on('data', look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}
