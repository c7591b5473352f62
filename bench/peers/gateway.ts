/** The gateway as operators start it, with a folder, keys and a record of its own; and an act-as session taken in it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { freePort, startPinned, type PinnedProcess } from '../pinned-process.ts';

const root = resolve(import.meta.dirname, '../..');
/** Verified by nobody: the bench's upstream takes any. */
export const MANAGER_COOKIE = 'market_session=bench-manager-4f9d2c81';

/**
 * @param profile folder for a CPU profile, written when the gateway stops; or null.
 * @param edit what becomes of the measured policy
 */
export async function startGatewayProcess(
  core: number,
  folder: string,
  upstream: string,
  profile: string | null,
  edit: (policy: string) => string = (policy) => policy,
): Promise<PinnedProcess> {
  mkdirSync(folder, { recursive: true });
  cpSync(resolve(import.meta.dirname, '../setup'), folder, { recursive: true });
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, edit(readFileSync(policy, 'utf8')));
  const [port, privatePort] = [await freePort(), await freePort()];
  const program = join(root, 'bin/understudy.mjs');
  const profiling = ['--max-semi-space-size=32', '--cpu-prof', `--cpu-prof-dir=${resolve(profile ?? '')}`];
  const command = profile === null ? [program] : [process.execPath, ...profiling, program];
  return startPinned(core, port, [...command, 'serve', '--config', join(folder, 'gateway.yaml')], {
    environment: {
      // What its first line calls `node` is the Node that runs the bench.
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOST: '127.0.0.1',
      PORT: String(port),
      PRIVATE_PORT: String(privatePort),
      UPSTREAM_URL: upstream,
      LOG_LEVEL: 'warn',
    },
  });
}

export type BenchSession = {
  /** The Cookie header of a browser that is acting. */
  readonly cookie: string;
  stop(): Promise<void>;
};

/**
 * @param userAgent of the browser that acts
 * @throws if the gateway does not let the manager act, with its answer.
 */
export async function startActing(gateway: PinnedProcess, userAgent: string): Promise<BenchSession> {
  const origin = `http://127.0.0.1:${gateway.port}`;
  const ask = (path: string, cookie: string, body: unknown): Promise<Response> =>
    fetch(origin + path, {
      method: 'POST',
      headers: {
        cookie,
        origin,
        // A session whose browser changes midway is marked, and looked at with every request.
        'user-agent': userAgent,
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  const started = await ask('/_act-as/sessions', MANAGER_COOKIE, { subject: 'u-sam', reason: 'bench' });
  const token = started.headers.get('set-cookie')?.split(';', 1)[0];
  if (started.status !== 201 || token === undefined) {
    throw new Error(`the act-as session was not started: ${started.status} ${await started.text()}`);
  }
  await started.body?.cancel();
  const cookie = `${MANAGER_COOKIE}; ${token}`;
  return {
    cookie,
    async stop() {
      const stopped = await ask('/_act-as/stop', cookie, {});
      if (!stopped.ok) throw new Error(`the act-as session was not stopped: ${stopped.status}`);
      await stopped.body?.cancel();
    },
  };
}
