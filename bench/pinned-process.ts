/** A child process on one core: started, waited for until it listens, its CPU time read, stopped in the end. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type PinnedProcess = {
  readonly child: ChildProcess;
  readonly port: number;
  /** Seconds of CPU that all threads of it have used so far, in user and kernel mode. */
  cpuSeconds(): number;
  /** The same of its main thread alone, in which the event loop runs. */
  mainThreadSeconds(): number;
  /** From now on all its threads, and those it starts, run on these cores. */
  moveTo(cores: readonly number[]): void;
  /** Resolves when it has ended; harmless if it has already. */
  stop(): Promise<void>;
};

export type PinnedOptions = {
  /** Variables beyond this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Opens a message channel. */
  readonly ipc?: boolean;
  /** False for a process that is ready without listening. */
  readonly listens?: boolean;
};

const START_MS = 10_000;
const STOP_MS = 5_000;
export const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** @throws if it does not listen on the port within ten seconds, with what it wrote to stderr. */
export async function startPinned(
  core: number,
  port: number,
  command: readonly string[],
  options: PinnedOptions = {},
): Promise<PinnedProcess> {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe', ...(options.ipc === true ? (['ipc'] as const) : [])],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const pinned: PinnedProcess = {
    child,
    port,
    cpuSeconds: () => cpuSecondsOf(`/proc/${child.pid}/stat`),
    mainThreadSeconds: () => cpuSecondsOf(`/proc/${child.pid}/task/${child.pid}/stat`),
    moveTo(to) {
      execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', to.join(','), String(child.pid)]);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(force);
    },
  };
  if (options.listens === false) return pinned;
  const failed = ended.then(() => {
    throw new Error(`${command.join(' ')} ended before it listened: ${said.trim()}`);
  });
  try {
    await Promise.race([failed, untilListening(port, Date.now() + START_MS)]);
  } catch (error) {
    await pinned.stop();
    throw error;
  }
  // From here on an early end shows in the requests that fail.
  failed.catch(() => undefined);
  return pinned;
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port could be had on 127.0.0.1');
  return address.port;
}

async function untilListening(port: number, deadline: number): Promise<void> {
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} after ten seconds`);
    await pause(50);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** proc(5): fields 14 and 15 of `stat`, counted after the name in parentheses. */
function cpuSecondsOf(file: string): number {
  const stat = readFileSync(file, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
