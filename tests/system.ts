/** A whole product for one test: reference market, gateway, record in a folder of its own, and a clock the test sets. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { serve, type Served } from '../cli/serve.ts';
import { startMarket, type Market } from '../fixtures/market/index.ts';

export type System = {
  readonly url: string;
  readonly privateUrl: string;
  readonly gateway: Served;
  readonly market: Market;
  readonly folder: string;
  readonly auditFile: string;
  /** Everything the gateway logged so far. */
  readonly log: () => string;
  /** Moves the gateway's and the market's clock on, and lets the gateway notice. */
  readonly pass: (ms: number) => Promise<void>;
  readonly now: () => number;
  close(): Promise<void>;
};

export type SystemOptions = {
  readonly editGateway?: (yaml: string) => string;
  readonly editPolicy?: (yaml: string) => string;
  /** Stands in front of the gateway's upstream instead of the market. */
  readonly upstreamUrl?: string;
  /** Further variables of the gateway's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Start of the test's time, milliseconds since the epoch. */
  readonly now?: number;
};

const same = (yaml: string): string => yaml;
const root = resolve(import.meta.dirname, '..');
export const MINUTE = 60_000;
/** A Tuesday noon in New York. */
export const NOON = Date.parse('2026-04-14T16:00:00Z');

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
  let now = options.now ?? NOON;
  cpSync(join(root, 'policy.yaml'), join(folder, 'policy.yaml'));
  edit(join(folder, 'policy.yaml'), options.editPolicy ?? same);
  writeFileSync(
    join(folder, 'gateway.yaml'),
    (options.editGateway ?? same)(readFileSync(join(root, 'gateway.yaml'), 'utf8')),
  );
  let keysUrl = '';
  const market = await startMarket({
    port: 0,
    host: '127.0.0.1',
    jwksUrl: () => keysUrl,
    now: () => new Date(now),
  });
  const lines: string[] = [];
  const gateway = await serve({
    configFile: join(folder, 'gateway.yaml'),
    environment: {
      PORT: '0',
      PRIVATE_PORT: '0',
      HOST: '127.0.0.1',
      UPSTREAM_URL: options.upstreamUrl ?? market.url,
      LOG_LEVEL: 'debug',
      ...options.environment,
    },
    clock: { now: () => now },
    logTo: new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    }),
  });
  keysUrl = `${gateway.url}/_act-as/jwks.json`;
  return {
    url: gateway.url,
    privateUrl: gateway.privateUrl,
    gateway,
    market,
    folder,
    auditFile: join(folder, 'data', 'audit.db'),
    log: () => lines.join(''),
    now: () => now,
    async pass(ms) {
      now += ms;
      await gateway.sweep();
    },
    async close() {
      await gateway.close();
      await market.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function edit(file: string, change: (yaml: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
