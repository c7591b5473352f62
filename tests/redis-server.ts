/** A real redis-server for one test, in a folder and on a port of its own, that the test may kill, freeze and revive. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

export type RedisServer = {
  readonly port: number;
  readonly url: string;
  /** What redis-cli prints; authenticated, if the server asks for that. */
  cli(...args: string[]): Promise<string>;
  /** As `kill -9`: nothing it had in memory stays, unless it was told to keep it. */
  kill(): Promise<void>;
  /** The same server again, on the same port. */
  revive(): Promise<void>;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
};

export type RedisServerOptions = {
  /** Lines of redis.conf, beyond those every test needs. */
  readonly config?: readonly string[];
  readonly password?: string;
  readonly replicaOf?: RedisServer;
  /** One node that holds every slot. */
  readonly cluster?: boolean;
  /** Watches this server as its master `sessions`, and is the only one who votes. */
  readonly sentinelOf?: RedisServer;
  /** Paths of certificate and key; nothing is served in the clear then. */
  readonly tls?: { readonly cert: string; readonly key: string };
};

const run = promisify(execFile);

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Somebody else took the port that was free a moment ago.
      if (tries === 3) throw error;
    }
  }
}

async function startOn(port: number, options: RedisServerOptions): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-redis-'));
  const file = join(folder, 'redis.conf');
  writeFileSync(file, configOf(options, port, folder).join('\n'));
  const secure = options.tls === undefined ? [] : ['--tls', '--insecure'];
  const access = options.password === undefined ? [] : ['--no-auth-warning', '-a', options.password];
  let child: ChildProcess | null = null;

  async function cli(...args: string[]): Promise<string> {
    const { stdout } = await run('redis-cli', ['-p', String(port), ...secure, ...access, ...args]);
    return stdout.trim();
  }

  async function start(): Promise<void> {
    const args = options.sentinelOf === undefined ? [file] : [file, '--sentinel'];
    child = spawn('redis-server', args, { stdio: 'ignore' });
    for (let tries = 0; (await cli('PING').catch(() => '')) !== 'PONG'; tries += 1) {
      if (tries === 200 || child.exitCode !== null) throw new Error('redis-server did not start');
      await wait(25);
    }
    if (!(await cli('INFO', 'server')).includes(`process_id:${child.pid}\r`)) {
      await kill();
      throw new Error(`another redis-server answers on port ${port}`);
    }
    if (options.cluster === true) await takeAllSlots();
  }

  async function takeAllSlots(): Promise<void> {
    await cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => '');
    while (!(await cli('CLUSTER', 'INFO')).includes('cluster_state:ok')) await wait(25);
  }

  async function kill(): Promise<void> {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await gone;
  }

  await start();
  const scheme = options.tls === undefined ? 'redis' : 'rediss';
  return {
    port,
    url: `${scheme}://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`,
    cli,
    kill,
    revive: start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(options: RedisServerOptions, port: number, folder: string): readonly string[] {
  const { replicaOf, sentinelOf, tls } = options;
  const listening =
    tls === undefined
      ? [`port ${port}`]
      : [
          'port 0',
          `tls-port ${port}`,
          `tls-cert-file ${tls.cert}`,
          `tls-key-file ${tls.key}`,
          'tls-auth-clients no',
        ];
  const all = [
    'bind 127.0.0.1',
    ...listening,
    `dir ${folder}`,
    ...(options.password === undefined ? [] : [`requirepass ${options.password}`]),
  ];
  if (sentinelOf !== undefined)
    return [
      ...all,
      `sentinel monitor sessions 127.0.0.1 ${sentinelOf.port} 1`,
      'sentinel down-after-milliseconds sessions 500',
      'sentinel failover-timeout sessions 2000',
      ...(options.config ?? []),
    ];
  return [
    ...all,
    ...(options.config ?? []),
    'save ""',
    'repl-diskless-sync-delay 0',
    'enable-debug-command local',
    ...(replicaOf === undefined ? [] : [`replicaof 127.0.0.1 ${replicaOf.port}`]),
    ...(options.cluster === true
      ? ['cluster-enabled yes', 'cluster-node-timeout 1000', 'cluster-announce-ip 127.0.0.1']
      : []),
  ];
}
