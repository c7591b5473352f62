/**
 * The story: a deployment on a Friday stopped the old gateway in the middle of an order; the log collector hung, and every
 * request waited for a line nobody read; a flood of connections took the last file descriptor, and the process with it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lineSink } from '../../gateway/line-sink.ts';
import { query } from '../audit-store/raw.ts';
import { cli, startGatewayProcess, writeSetup, type GatewayProcess } from '../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { ask, ended as endedSoon, webSocketApp } from '../security/web-sockets.ts';
import { seen } from './fault-table.ts';
import { onlookers } from './onlookers.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

type Running = {
  readonly gateway: GatewayProcess;
  readonly upstream: LenientUpstream;
  readonly folder: string;
};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(limit?: string): Promise<Running> {
  const folder = newFolder();
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const gateway = await startGatewayProcess(writeSetup(folder), { UPSTREAM_URL: upstream.url }, limit);
  onTestFinished(async () => {
    gateway.kill('SIGKILL');
    await gateway.ended;
  });
  return { gateway, upstream, folder };
}

const actions = (folder: string): readonly { outcome: string; path: string }[] =>
  query(
    join(folder, 'data/audit.db'),
    "SELECT outcome, body ->> '$.path' AS path FROM entries WHERE event = 'action' AND kind = 'event' ORDER BY seq",
  );

test('told to stop in the middle of orders: they are finished and recorded, streams end, then it goes', async () => {
  const { gateway, upstream, folder } = await start();
  const people = onlookers(gateway, 5000);
  await people.seat();
  const held: (() => void)[] = [];
  upstream.behave(({ target }, response) => {
    if (target === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    else if (target === '/api/orders' || target === '/api/cart/items')
      held.push(() => response.writeHead(201, { 'content-type': 'application/json' }).end('{}'));
    else return false;
    return true;
  });
  const stream = await fetch(`${gateway.url}/events`);
  webSocketApp(upstream);
  const { end: live } = await ask(gateway.url, { path: '/live', cookie: '' });
  const acting = people.mia.send('POST', '/api/orders', {});
  const ordinary = fetch(`${gateway.url}/api/orders`, { method: 'POST' });
  const leaving = new AbortController();
  const cookie = [...people.mia.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const left = fetch(`${gateway.url}/api/cart/items`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: '{}',
    signal: leaving.signal,
  }).catch(() => null);
  await expect.poll(() => held.length).toBe(3);
  leaving.abort();
  await left;

  gateway.kill('SIGTERM');
  await expect(stream.text()).rejects.toThrow(/./);
  await endedSoon(live);
  expect(live.close()).toBe('1001 the gateway is stopping');
  const ready = await fetch(`${gateway.privateUrl}/_act-as/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'stopping' });
  expect((await fetch(ready.url.replace('/ready', '/live'))).status).toBe(503);
  await expect(fetch(`${gateway.url}/market`)).rejects.toThrow(/./);
  for (const finish of held) finish();
  expect([(await acting).status, (await ordinary).status]).toEqual([201, 201]);
  const { code, stdout } = await gateway.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/"writes":2,"streams":1,"websockets":1,"msg":"stopping/);
  // Closed in order, the write-ahead log is in the file.
  expect(existsSync(join(folder, 'data/audit.db-wal'))).toBe(false);
  expect(actions(folder).map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  seen({
    part: 'The gateway',
    fault: 'SIGTERM in the middle of requests',
    acting: 'writes 201, also those whose browser has left; no new connections; event streams are cut',
    ordinary: 'writes 201; no new connections; event streams are cut, WebSockets are told 1001',
    reviewing: 'ready 503 `stopping` at once',
    record: 'whole; every write has its outcome, the write-ahead log is emptied',
  });
});

test('a log that nobody reads holds up nobody', async () => {
  const folder = newFolder();
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const configFile = writeSetup(folder, {
    gateway: (yaml) => yaml.replace('requests: acting', 'requests: all'),
  });
  const log = fullPipe(folder);
  const child = spawn(process.execPath, [cli, 'serve', '--config', configFile], {
    stdio: ['ignore', log.fd, 'ignore'],
    env: { PORT: '0', PRIVATE_PORT: '0', UPSTREAM_URL: upstream.url },
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  // The last word that anybody reads: the pipe is full after some three hundred requests.
  await expect.poll(() => log.read(), { timeout: 30_000 }).toContain('"listening"');
  const gateway = {
    url: /"url":"([^"]+)"/.exec(log.read())?.[1] ?? '',
    privateUrl: /"private_url":"([^"]+)"/.exec(log.read())?.[1] ?? '',
  };
  const people = onlookers(gateway, 5000);
  await people.seat();
  for (let round = 0; round < 20; round += 1)
    await Promise.all(Array.from({ length: 50 }, () => fetch(`${gateway.url}/market`).then((a) => a.text())));
  const [acting, ordinary, reviewing] = [
    await people.acting(),
    await people.ordinary(),
    await people.reviewing(),
  ];
  const stopping = await people.stopping();
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  seen({
    part: 'The gateway',
    fault: 'Nobody reads its log (a full pipe)',
    acting: `${acting}, ${stopping}`,
    ordinary,
    reviewing,
    record: 'whole; of the log, lines are dropped, and a line says how many',
  });
});

test('lines that a reader does not take are dropped and counted, without a wait', async () => {
  const folder = newFolder();
  const pipe = fullPipe(folder);
  const sink = lineSink({ fd: pipe.fd, dropped: (count) => `dropped ${count}\n` });
  const line = `${'x'.repeat(1023)}\n`;
  const began = performance.now();
  for (let count = 0; count < 3000; count += 1) sink.write(line);
  expect(performance.now() - began).toBeLessThan(500);
  await expect.poll(() => pipe.read(), { timeout: 5000, interval: 5 }).toMatch(/dropped \d+\n/);
  const kept = pipe
    .read()
    .split('\n')
    .filter((one) => one.startsWith('x')).length;
  expect(kept + Number(/dropped (\d+)/.exec(pipe.read())?.[1])).toBe(3000);
});

/** A pipe that is read when the test reads it, and full when it does not. */
function fullPipe(folder: string): { readonly fd: number; read(): string } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const own = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY);
  onTestFinished(() => [own, fd].forEach((one) => closeSync(one)));
  const buffer = Buffer.alloc(65_536);
  let text = '';
  return {
    fd,
    read() {
      try {
        text += buffer.toString('latin1', 0, readSync(own, buffer));
      } catch {
        // Nothing there at this moment.
      }
      return text;
    },
  };
}

test('out of file descriptors it lets go of connections, not of itself', async () => {
  const { gateway, folder } = await start('ulimit -n 64');
  const people = onlookers(gateway, 5000);
  await people.seat();
  const { port } = new URL(gateway.url);
  const flood: Socket[] = [];
  onTestFinished(() => {
    for (const socket of flood) socket.destroy();
  });
  for (let one = 0; one < 200; one += 1)
    flood.push(connect(Number(port), '127.0.0.1').on('error', () => undefined));
  let refused = 0;
  for (const socket of flood) socket.once('close', () => (refused += 1));
  await expect.poll(() => refused, { timeout: 30_000 }).toBeGreaterThan(100);
  const during = await people.mia.send('POST', '/api/orders', {}).then(
    ({ status }) => status,
    () => 0,
  );
  expect([0, 201, 502, 503]).toContain(during);
  for (const socket of flood) socket.destroy();
  await expect
    .poll(
      () =>
        people.mia.send('POST', '/api/orders', {}).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .toBe(201);
  expect(await people.ordinary()).toBe('reads 200, writes 201');
  expect(await people.stopping()).toBe('stopping 200');
  expect(actions(folder).at(-1)?.outcome).toBe('ok');
  seen({
    part: 'The gateway',
    fault: 'No file descriptors left (`ulimit -n 64`, 200 idle connections)',
    acting: 'connections beyond the limit are closed unanswered; after the flood reads and writes as before',
    ordinary: 'connections beyond the limit are closed unanswered; after the flood reads 200, writes 201',
    reviewing: 'log 200 after the flood; the process is the same',
    record: 'whole; its files stay open, so that writes that got in are recorded',
  });
});
