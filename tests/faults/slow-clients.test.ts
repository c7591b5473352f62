/**
 * The story: five thousand connections that said one byte now and then, and a shop in which nobody was served. Slow heads,
 * slow bodies and slow readers are cut when their time is over, honest people notice nothing, and nothing of it stays in memory.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGatewayProcess, writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream } from '../security/lenient-upstream.ts';
import { seen } from './fault-table.ts';
import { onlookers } from './onlookers.ts';
import { flood } from './slow-flood.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 300_000 });

const isTorture = process.env['TORTURE'] !== undefined;
const CLIENTS = isTorture ? 5000 : 300;
const MEGABYTE = 1024 * 1024;
/** One after the other: what each left behind would add up. */
const MORE_FLOODS = isTorture ? 4 : 0;
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
  const gateway = await startGatewayProcess(configFile, {
    UPSTREAM_URL: upstream.url,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'collect-on-signal.ts')}`,
  });
  onTestFinished(async () => {
    gateway.kill('SIGKILL');
    await gateway.ended;
  });
  const people = onlookers(gateway, 30_000);
  await people.seat();
  await people.acting();
  const before = await bytesInUse(gateway);
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

  for (let more = 0; more < MORE_FLOODS; more += 1) await flood(gateway.url, CLIENTS).allCut();
  await expect
    .poll(() => bytesInUse(gateway), { timeout: 60_000, interval: 500 })
    .toBeLessThan(before + 16 * MEGABYTE);
  seen({
    part: 'Clients',
    fault: '300 slow clients (torture: 5,000): heads, bodies and readers',
    acting,
    ordinary,
    reviewing,
    record: 'whole; the slow ones are cut at their time-outs, and what they held in memory is given up',
  });
});

/** Of the heap and outside of it, collected before. What is resident says less: malloc keeps what it once had. */
async function bytesInUse(gateway: GatewayProcess): Promise<number> {
  gateway.kill('SIGUSR2');
  const metrics = await (await fetch(`${gateway.privateUrl}/_act-as/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
  return read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes');
}
