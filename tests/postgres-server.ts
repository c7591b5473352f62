/** A real PostgreSQL 15 for one test file: a cluster of its own on a free port, to be killed, paused and restarted at will. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const BIN = '/usr/lib/postgresql/15/bin';
/** PostgreSQL refuses to run as root; nobody's id is the same everywhere. */
const NOBODY = 65_534;
const PASSWORD = 'a-secret-of-the-test';
const DATABASE = 'records';

export type PostgresServer = {
  readonly port: number;
  /** Address of a new, empty schema, for a role that owns it and may do nothing else. */
  schema(): Promise<string>;
  /** Runs SQL as the superuser, who need not be in the database of the schemas for most of what is asked of them. */
  asSuperuser(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** SIGKILL to every process of it. */
  kill(): Promise<void>;
  /** Starts it again on the same files and port. */
  start(): Promise<void>;
  /** Fast shutdown, as an operator's restart does. */
  stop(): Promise<void>;
  /** SIGSTOP and SIGCONT to every process of it. */
  pause(): void;
  resume(): void;
  /** Gone, and its files with it. */
  remove(): Promise<void>;
};

export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const data = join(folder, 'data');
  const asRoot = process.getuid?.() === 0;
  const who = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  for (const path of asRoot ? [folder, passwordFile] : []) chownSync(path, NOBODY, NOBODY);
  const options = ['-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256', '--no-sync'];
  execFileSync(`${BIN}/initdb`, ['-D', data, `--pwfile=${passwordFile}`, ...options], {
    ...who,
    cwd: '/',
    stdio: 'ignore',
  });

  const port = await freePort();
  const url = (user: string, database: string) =>
    `postgres://${user}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  let running: ChildProcess | null = null;
  let schemas = 0;

  function pids(): readonly number[] {
    const main = running?.pid;
    if (main === undefined) return [];
    const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').split(' ').filter(Boolean);
    return [main, ...children.map(Number)];
  }

  function signal(name: NodeJS.Signals): void {
    for (const pid of pids()) {
      try {
        process.kill(pid, name);
      } catch {
        // That one had ended by itself.
      }
    }
  }

  async function end(how: () => void): Promise<void> {
    const child = running;
    if (child === null) return;
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    how();
    running = null;
    await gone;
  }

  async function query(sql: string, address: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: address });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const answer = await client.query<Record<string, unknown>>(sql);
      // Several statements in one text are answered by a list.
      return Array.isArray(answer) ? [] : answer.rows;
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: `${port}`,
      unix_socket_directories: '',
      shared_buffers: '16MB',
      max_connections: '60',
      fsync: 'on',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    running = spawn(`${BIN}/postgres`, ['-D', data, ...args], { ...who, cwd: '/', stdio: 'ignore' });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await query('SELECT 1', url('postgres', 'postgres'));
        return;
      } catch (error) {
        if (attempt > 200) throw error;
        // Right after a kill the new one may have found the old one's memory still in use.
        if (running.exitCode !== null) return start();
        await sleep(25);
      }
    }
  }

  const atExit = () => signal('SIGKILL');
  process.once('exit', atExit);
  await start();
  await query(`CREATE ROLE gateway LOGIN PASSWORD '${PASSWORD}'`, url('postgres', 'postgres'));
  await query(`CREATE DATABASE ${DATABASE} OWNER gateway TEMPLATE template0`, url('postgres', 'postgres'));

  return {
    port,
    async schema() {
      const name = `record_${(schemas += 1)}`;
      await query(`CREATE SCHEMA ${name}`, url('gateway', DATABASE));
      return `${url('gateway', DATABASE)}?options=${encodeURIComponent(`-c search_path=${name}`)}`;
    },
    asSuperuser: (sql, database = 'postgres') => query(sql, url('postgres', database)),
    kill: () => end(() => signal('SIGKILL')),
    start,
    stop: () => end(() => running?.kill('SIGINT')),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async remove() {
      await end(() => signal('SIGKILL'));
      process.off('exit', atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given out');
  return address.port;
}
