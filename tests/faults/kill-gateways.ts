/** Kills gateways at random instants of acting writes, again and again on the same record, and says what the record made of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyRecord, type VerifyResult } from '../../audit-store/index.ts';
import { type GatewayProcess, startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import { eventsSeenBy, type EventRow } from '../security/lenient-system.ts';
import { startLenientUpstream } from '../security/lenient-upstream.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { told } from './onlookers.ts';

export type Killed = {
  /** Processes that a SIGKILL of ours ended, no other way. */
  readonly kills: number;
  /** What whoever acted when the last one was killed is told by the next. */
  readonly told: string;
  readonly executed: number;
  readonly rows: number;
  readonly unknown: number;
  readonly sessions: number;
  /** Executed writes without a row. */
  readonly unrecorded: readonly string[];
  /** Rows that say `ok` of a write that was never executed. */
  readonly invented: readonly string[];
  /** Writes with more than one row. */
  readonly repeated: readonly string[];
  /** Sessions with another number of starts or ends than one. */
  readonly uneven: readonly string[];
  readonly whole: boolean;
};

const SEATS = [
  ['u-mia', 'u-sam'],
  ['u-mo', 'u-sue'],
] as const;
const CLIENTS_EACH = 3;
/** The kill falls before, into or between the first so many writes of each client. */
const WRITES_LONG = 4;
const READY_MS = 10_000;

/** Where the gateways keep their record, if not in their folder, and how it is verified. */
export type OtherRecord = { readonly url: string; verify(): Promise<VerifyResult> };

export async function killGateways(kills: number, other?: OtherRecord): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-killed-'));
  // Outside of what is killed: it alone knows what was really done.
  const upstream = await startLenientUpstream();
  const environment = {
    UPSTREAM_URL: upstream.url,
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    ...(other === undefined ? {} : { AUDIT_URL: other.url }),
  };
  const configFile = writeSetup(folder);
  const person = (url: string, id: string): Visitor => {
    const browser = visitor(url);
    browser.cookies.set('market_session', id);
    return browser;
  };
  try {
    // One that ends in order leaves its compiled modules to those after it.
    const first = await startGatewayProcess(configFile, environment);
    first.kill('SIGTERM');
    const { code, stderr } = await first.ended;
    if (code !== 0) throw new Error(`a gateway told to stop ended with ${code}: ${stderr}`);

    let killed = 0;
    let cookies: ReadonlyMap<string, string> = new Map();
    for (let round = 0; round < kills; round += 1) {
      const gateway = await startReady(configFile, environment);
      const managers = await Promise.all(
        SEATS.map(async ([actor, subject]) => {
          const manager = person(gateway.url, actor);
          await manager.actAs(subject);
          return manager;
        }),
      );
      // As fast as this machine is today.
      const began = performance.now();
      await managers[0]?.send('POST', '/api/orders', {});
      const oneWrite = performance.now() - began;
      const writing = managers.flatMap((manager) =>
        Array.from({ length: CLIENTS_EACH }, () => write(manager)),
      );
      await sleep(Math.random() * WRITES_LONG * oneWrite);
      gateway.kill('SIGKILL');
      if ((await gateway.ended).code === null) killed += 1;
      await Promise.all(writing);
      cookies = managers[0]?.cookies ?? cookies;
    }

    const last = await startReady(configFile, environment);
    const mia = person(last.url, 'u-mia');
    for (const [name, value] of cookies) mia.cookies.set(name, value);
    const acting = await told(mia.get('/api/cart'));
    const rows = await eventsSeenBy(person(last.url, 'u-root'));
    last.kill('SIGTERM');
    await last.ended;
    const executed = upstream.executed
      .filter(({ target }) => target === '/api/orders')
      .map(({ headers }) => String(headers['x-request-id']));
    const verified = await (other?.verify() ?? verifyRecord(join(folder, 'data/audit.db')));
    return { kills: killed, told: acting, ...compare(executed, rows), whole: verified.ok };
  } finally {
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As whoever balances requests would, sends nothing before it says that it is ready: a record may take its time to be opened. */
async function startReady(
  configFile: string,
  environment: Readonly<Record<string, string>>,
): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(configFile, environment);
  const until = performance.now() + READY_MS;
  while (!(await fetch(`${gateway.privateUrl}/_act-as/health/ready`)).ok) {
    if (performance.now() > until) throw new Error(`a gateway was not ready after ${READY_MS} ms`);
    await sleep(20);
  }
  return gateway;
}

/** Writes until nobody answers any more. */
async function write(manager: Visitor): Promise<void> {
  for (;;) {
    const response = await manager.send('POST', '/api/orders', {}).catch(() => null);
    if (response === null) return;
    await response.arrayBuffer().catch(() => undefined);
  }
}

function compare(
  executed: readonly string[],
  rows: readonly EventRow[],
): Omit<Killed, 'kills' | 'told' | 'whole'> {
  const actions = rows.filter(({ event }) => event === 'action');
  const recorded = actions.map(({ request_id }) => String(request_id));
  const known = new Set(recorded);
  const done = new Set(executed);
  const sessions = new Map<string, string[]>();
  for (const { session_id, event } of rows) {
    if (event === 'action' || event === 'blocked') continue;
    sessions.set(session_id, [...(sessions.get(session_id) ?? []), event === 'start' ? 'start' : 'end']);
  }
  return {
    executed: executed.length,
    rows: recorded.length,
    unknown: actions.filter(({ details }) => details['note'] === 'the outcome is unknown').length,
    sessions: sessions.size,
    unrecorded: executed.filter((id) => !known.has(id)),
    invented: actions
      .filter(({ outcome, request_id }) => outcome === 'ok' && !done.has(String(request_id)))
      .map(({ request_id }) => String(request_id)),
    repeated: recorded.filter((id, index) => recorded.indexOf(id) !== index),
    uneven: [...sessions]
      .filter(([, events]) => events.join(' ') !== 'start end')
      .map(([id, events]) => `${id}: ${events.join(' ')}`),
  };
}
