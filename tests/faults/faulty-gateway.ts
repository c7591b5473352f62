/** A whole gateway in this process whose record a test can trouble; the market app behind it counts what it executed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { serve, type Served } from '../../cli/serve.ts';
import { writeSetup } from '../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';

export type FaultyGateway = {
  readonly gateway: Served;
  readonly upstream: LenientUpstream;
  readonly auditFile: string;
  readonly log: () => string;
};

export type FaultyGatewayOptions = {
  /** Where configuration, keys and record are; a new folder when absent. */
  readonly folder?: string;
  readonly editGateway?: (yaml: string) => string;
  /** Beside where it listens and what it stands before. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  readonly monotonic?: () => number;
};

/** Gone with its test. */
export async function startFaultyGateway(options: FaultyGatewayOptions = {}): Promise<FaultyGateway> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'understudy-fault-'));
  if (options.folder === undefined) onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const lines: string[] = [];
  const { now, monotonic } = options;
  const gateway = await serve({
    configFile: writeSetup(folder, options.editGateway === undefined ? {} : { gateway: options.editGateway }),
    environment: {
      PORT: '0',
      PRIVATE_PORT: '0',
      UPSTREAM_URL: upstream.url,
      LOG_LEVEL: 'info',
      ...options.environment,
    },
    ...(now === undefined ? {} : { clock: { now } }),
    ...(monotonic === undefined ? {} : { monotonic }),
    logTo: new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    }),
  });
  onTestFinished(() => gateway.close());
  return { gateway, upstream, auditFile: join(folder, 'data/audit.db'), log: () => lines.join('') };
}
