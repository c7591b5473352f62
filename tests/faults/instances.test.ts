/**
 * The story: the gateway on which a session was stopped was killed before it could write that down; the session had
 * ended, and the record never said so. And on a Friday all gateways were replaced one after the other, and every tenth
 * order failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { startGatewayProcess, writeSetup, type GatewayProcess } from '../security/gateway-process.ts';
import { cookiesOf, eventsSeenBy, type EventRow } from '../security/lenient-system.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { seen } from './fault-table.ts';
import { told } from './onlookers.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const LONG = process.env['TORTURE'] !== undefined;
const PREFIX = 'understudy:{act-as}:';

let redis: RedisServer;
let postgres: PostgresServer;

beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
});
afterAll(async () => {
  await redis.close();
  await postgres.remove();
});

type Instances = {
  readonly upstream: LenientUpstream;
  /** One more gateway, on the same sessions and the same record. */
  start(): Promise<GatewayProcess>;
};

async function newInstances(): Promise<Instances> {
  await redis.cli('FLUSHALL');
  const folder = mkdtempSync(join(tmpdir(), 'understudy-instances-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const environment = {
    UPSTREAM_URL: upstream.url,
    REDIS_URL: redis.url,
    AUDIT_URL: await postgres.schema(),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const configFile = writeSetup(folder, {
    gateway: (yaml) => `${yaml}\nlimits: { stop_delay: 1s }\n`,
  });
  return {
    upstream,
    async start() {
      const gateway = await startGatewayProcess(configFile, environment);
      onTestFinished(async () => {
        gateway.kill('SIGKILL');
        await gateway.ended;
      });
      return gateway;
    },
  };
}

function person(id: string, url: string, cookies: ReadonlyMap<string, string> = new Map()): Visitor {
  const browser = visitor(url);
  browser.cookies.set('market_session', id);
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}

const readiness = async ({ privateUrl }: GatewayProcess): Promise<number> =>
  (await fetch(`${privateUrl}/_act-as/health/ready`)).status;
const record = (at: GatewayProcess): Promise<readonly EventRow[]> => eventsSeenBy(person('u-root', at.url));

test('killed between the end of a session and its row: another gateway writes it, once', async () => {
  const instances = await newInstances();
  const one = await instances.start();
  const two = await instances.start();
  const mia = person('u-mia', one.url);
  await mia.actAs('u-sam');
  postgres.pause();
  const stopping = told(mia.stop());
  await expect.poll(() => redis.cli('ZCARD', `${PREFIX}owed`), { timeout: 10_000 }).toBe('1');
  one.kill('SIGKILL');
  await one.ended;
  const stop = await stopping;
  postgres.resume();
  const ordinary = `reads ${await told(person('u-sue', two.url).get('/market'))}`;
  const acting = await told(person('u-mia', two.url, mia.cookies).get('/api/cart'));
  // What its claimer did not write within half a minute is another's to write.
  const [id = ''] = (await redis.cli('ZRANGE', `${PREFIX}owed`, '0', '-1')).split('\n');
  if (!LONG) await redis.cli('ZADD', `${PREFIX}owed`, 'XX', '1', id);
  await expect.poll(() => redis.cli('ZCARD', `${PREFIX}owed`), { timeout: 60_000 }).toBe('0');
  const rows = (await record(two)).map(({ event, action }) => `${event} ${action}`);
  expect(rows).toEqual(['start start_acting', 'stop stop_acting']);
  seen({
    part: 'Redis',
    fault: 'SIGKILL of a gateway between the end of a session and its row',
    acting: `stopping ${stop}; at another gateway ${acting}`,
    ordinary: `at another gateway ${ordinary}`,
    reviewing: 'log 200 at another gateway',
    record: 'whole; another gateway writes the end within half a minute, once',
  });
});

test('all of them replaced, one after the other: no request fails', async () => {
  const instances = await newInstances();
  let balanced = [await instances.start(), await instances.start()];
  const mia = person('u-mia', balanced[0]?.url ?? '');
  await mia.actAs('u-sam');
  const acting = cookiesOf(mia);
  const ordinary = cookiesOf(person('u-sue', ''));
  let turn = 0;
  const over = new AbortController();
  const statuses = new Map<string, number>();

  async function load(who: string, method: string, path: string, cookie: string): Promise<void> {
    while (!over.signal.aborted) {
      const gateway = balanced[(turn += 1) % balanced.length];
      const answer = `${who} ${await sendTo(gateway?.url ?? '', method, path, cookie)}`;
      statuses.set(answer, (statuses.get(answer) ?? 0) + 1);
    }
  }
  const traffic = Promise.all([
    load('writes', 'POST', '/api/orders', acting),
    load('reads', 'GET', '/api/cart', acting),
    load('ordinary writes', 'POST', '/api/orders', ordinary),
    load('ordinary reads', 'GET', '/market', ordinary),
  ]);
  for (const old of balanced) {
    const next = await instances.start();
    balanced = [...balanced, next];
    old.kill('SIGTERM');
    // As balancers do: whoever is not ready is sent nothing more.
    await expect.poll(() => readiness(old), { interval: 50 }).toBe(503);
    balanced = balanced.filter((one) => one !== old);
    expect((await old.ended).code).toBe(0);
  }
  over.abort();
  await traffic;
  expect([...statuses.keys()].toSorted()).toEqual([
    'ordinary reads 200',
    'ordinary writes 201',
    'reads 200',
    'writes 201',
  ]);
  const [last] = balanced;
  if (last === undefined) throw new Error('there is no gateway left');
  expect(await told(person('u-mia', last.url, mia.cookies).stop())).toBe('200');
  const rows = await record(last);
  expect(rows.filter(({ event }) => event !== 'action').map(({ event }) => event)).toEqual(['start', 'stop']);
  const orders = rows.filter(({ event, outcome }) => event === 'action' && outcome === 'ok');
  expect(orders).toHaveLength(statuses.get('writes 201') ?? 0);
  seen({
    part: 'The gateway',
    fault:
      'A rolling restart under traffic: each of two gateways replaced, with SIGTERM and `limits.stop_delay`',
    acting: 'reads 200, writes 201, all of them; the session goes on',
    ordinary: 'reads 200, writes 201, all of them',
    reviewing: 'log 200',
    record: 'whole; one row for each write, one start and one stop',
  });
});

/** On a connection of its own; the error's code where there is no answer. */
function sendTo(url: string, method: string, path: string, cookie: string): Promise<string> {
  return new Promise((resolve) => {
    const body = method === 'POST' ? '{}' : '';
    const headers = {
      cookie,
      accept: 'application/json',
      // As with the requests before: another browser would have a row of its own.
      'user-agent': 'node',
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const sent = request(url + path, { method, headers, agent: false }, (answer) => {
      answer.on('error', () => resolve('broken off'));
      answer.on('end', () => resolve(String(answer.statusCode)));
      answer.resume();
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(body);
  });
}
