/**
 * The story: five thousand connections that said one byte now and then, and a shop in which nobody was served. Slow heads,
 * slow bodies and slow readers are cut when their time is over, honest people notice nothing, and memory comes back.
 */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream } from '../security/lenient-upstream.ts';
import { seen } from './fault-table.ts';
import { onlookers } from './onlookers.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

const CLIENTS = process.env['TORTURE'] === undefined ? 300 : 5000;
const MEGABYTE = 1024 * 1024;
/** A reader holds a connection to the app until it is cut: no more of them than the pool can spare. */
const reads = (one: number): boolean => one % 3 === 2 && one < 600;

test(`${CLIENTS} slow clients`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-slow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  upstream.behave(({ target }, response) => {
    if (target !== '/big') return false;
    response.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.alloc(2 * MEGABYTE));
    return true;
  });
  const configFile = writeSetup(folder, {
    gateway: (yaml) =>
      `${yaml.replace('body_timeout: 60s', 'body_timeout: 4s')}\nlimits: { headers_timeout: 3s, request_timeout: 5s }\n`,
  });
  const gateway = await startGatewayProcess(configFile, { UPSTREAM_URL: upstream.url });
  onTestFinished(async () => {
    gateway.kill('SIGKILL');
    await gateway.ended;
  });
  const people = onlookers(gateway, 30_000);
  await people.seat();
  await people.acting();
  const before = await residentBytes(gateway.privateUrl);
  /** How long honest people wait at the median, milliseconds. */
  const pace = async (): Promise<number> => {
    const waits: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const began = performance.now();
      expect(await people.ordinary()).toBe('reads 200, writes 201');
      waits.push(performance.now() - began);
    }
    return waits.toSorted((a, b) => a - b)[10] ?? Infinity;
  };
  const alone = await pace();

  const { port, host } = new URL(gateway.url);
  const clients: Socket[] = [];
  let cut = 0;
  const say = (socket: Socket, one: number): void => {
    if (one % 3 === 0) socket.write('GET /market HTTP/1.1\r\nHost: ');
    else if (!reads(one))
      socket.write(`POST /api/orders HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\na`);
    else {
      socket.write(`GET /big HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      socket.pause();
    }
  };
  for (let one = 0; one < CLIENTS; one += 1) {
    const socket = connect(Number(port), '127.0.0.1', () => say(socket, one));
    socket.on('error', () => undefined);
    // A paused reader hears of its end only when it reads.
    if (!reads(one)) socket.on('data', () => undefined);
    socket.once('close', () => (cut += 1));
    clients.push(socket);
  }
  onTestFinished(() => {
    for (const socket of clients) socket.destroy();
  });
  const trickle = setInterval(() => {
    for (const [one, socket] of clients.entries()) if (!reads(one) && socket.writable) socket.write('a');
  }, 1000);
  onTestFinished(() => clearInterval(trickle));

  const [acting, ordinary, reviewing] = [
    await people.acting(),
    await people.ordinary(),
    await people.reviewing(),
  ];
  expect(await pace()).toBeLessThan(alone * 5 + 1000);

  // Heads and bodies by the server's time-outs, readers by the body time-out; those learn of it when they read.
  const slowSenders = clients.filter((_, one) => !reads(one));
  await expect.poll(() => slowSenders.every((socket) => socket.destroyed), { timeout: 60_000 }).toBe(true);
  for (const socket of clients) socket.resume();
  await expect.poll(() => cut, { timeout: 60_000 }).toBe(CLIENTS);
  await expect
    .poll(() => residentBytes(gateway.privateUrl), { timeout: 60_000, interval: 500 })
    .toBeLessThan(before * 1.2 + 64 * MEGABYTE);
  seen({
    part: 'Clients',
    fault: '300 slow clients (torture: 5,000): heads, bodies and readers',
    acting,
    ordinary,
    reviewing,
    record: 'whole; the slow ones are cut at their time-outs, and memory comes back',
  });
});

async function residentBytes(privateUrl: string): Promise<number> {
  const metrics = await (await fetch(`${privateUrl}/_act-as/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1]);
}
