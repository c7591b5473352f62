/**
 * The story: five thousand connections that said one byte now and then, and a shop in which nobody was served. Slow heads,
 * slow bodies and slow readers are cut when their time is over, honest people notice nothing, and memory is bounded.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream } from '../security/lenient-upstream.ts';
import { seen } from './fault-table.ts';
import { onlookers } from './onlookers.ts';
import { flood } from './slow-flood.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 300_000 });

const isTorture = process.env['TORTURE'] !== undefined;
const CLIENTS = isTorture ? 5000 : 300;
const MEGABYTE = 1024 * 1024;
/** Three floods may add so much for each client of one, because what is idle is collected now or later. */
const LEAK_BYTES = 6 * 1024;

type Urls = { readonly url: string; readonly privateUrl: string };

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
  const before = await memory(gateway.privateUrl);
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

  const slow = flood(gateway.url, CLIENTS);
  const [acting, ordinary, reviewing] = [
    await people.acting(),
    await people.ordinary(),
    await people.reviewing(),
  ];
  expect(await pace()).toBeLessThan(alone * 5 + 1000);

  await slow.allCut();

  const limit = isTorture ? await limitAfterMore(gateway) : before * 1.2 + 64 * MEGABYTE;
  await expect.poll(() => memory(gateway.privateUrl), { timeout: 60_000, interval: 500 }).toBeLessThan(limit);
  seen({
    part: 'Clients',
    fault: '300 slow clients (torture: 5,000): heads, bodies and readers',
    acting,
    ordinary,
    reviewing,
    record:
      'whole; the slow ones are cut at their time-outs, and one flood after the other takes no more memory',
  });
});

/**
 * How much may be held after four floods more. An idle process gives little back of what thousands took, and the second flood
 * fills what the first left half filled; what later ones add is a leak.
 */
async function limitAfterMore({ url, privateUrl }: Urls): Promise<number> {
  await flood(url, CLIENTS).allCut();
  let second = Infinity;
  // What is left to be collected is, within seconds.
  for (let look = 0; look < 20; look += 1) {
    second = Math.min(second, await memory(privateUrl));
    await sleep(500);
  }
  for (let more = 0; more < 3; more += 1) await flood(url, CLIENTS).allCut();
  return second + CLIENTS * LEAK_BYTES;
}

/** Bytes: resident ones after few clients; after thousands those in use, because malloc keeps what it once had. */
async function memory(privateUrl: string): Promise<number> {
  const metrics = await (await fetch(`${privateUrl}/_act-as/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
  return isTorture
    ? read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes')
    : read('process_resident_memory_bytes');
}
