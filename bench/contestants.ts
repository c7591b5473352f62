/** Who is measured: the gateway and its peers, each started on the proxy's core in front of the same upstream. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startGatewayProcess } from './peers/gateway.ts';
import { findNginx, nginxCommand } from './peers/nginx.ts';
import { freePort, startPinned, type PinnedProcess } from './pinned-process.ts';

export const GATEWAY = 'gateway';
export const PASS_THROUGH = 'pass-through';
/** The gateway again, with a policy by which the order is a write like any other. */
export const UNAUDITED = 'unaudited';
export const PEERS = [PASS_THROUGH, '@fastify/http-proxy', 'http-proxy', 'nginx', UNAUDITED] as const;
/** Those in which a manager acts. */
export const SEATING: readonly PeerName[] = [GATEWAY, UNAUDITED];

export type PeerName = typeof GATEWAY | (typeof PEERS)[number];
export type Contestant = { readonly name: PeerName; readonly process: PinnedProcess };

export type Ground = {
  readonly core: number;
  /** A folder of this run; each contestant writes only into its own. */
  readonly folder: string;
  readonly upstream: string;
  readonly profile: string | null;
};

/** Null where it is not installed on this machine. */
export async function startContestant(name: PeerName, ground: Ground): Promise<Contestant | null> {
  const { core, upstream } = ground;
  switch (name) {
    case 'gateway': {
      const folder = join(ground.folder, 'gateway');
      return { name, process: await startGatewayProcess(core, folder, upstream, ground.profile) };
    }
    case 'unaudited': {
      const folder = join(ground.folder, 'unaudited');
      return { name, process: await startGatewayProcess(core, folder, upstream, null, unaudited) };
    }
    case 'pass-through':
      return { name, process: await startScript(core, 'peers/pass-through.ts', upstream) };
    case '@fastify/http-proxy':
      return { name, process: await startScript(core, 'peers/fastify-http-proxy.ts', upstream) };
    case 'http-proxy':
      return { name, process: await startScript(core, 'peers/http-proxy.ts', upstream) };
    case 'nginx': {
      const binary = findNginx();
      if (binary === null) return null;
      const folder = join(ground.folder, 'nginx');
      mkdirSync(folder, { recursive: true });
      const port = await freePort();
      return { name, process: await startPinned(core, port, nginxCommand(binary, folder, port, upstream)) };
    }
  }
}

function unaudited(policy: string): string {
  const rule = /effect: audit\n {4}action: place_order\n(.*\n) {4}capture: .*\n/;
  if (!rule.test(policy)) throw new Error('the measured policy has no audited order');
  return policy.replace(rule, 'effect: allow\n$1');
}

async function startScript(core: number, file: string, upstream: string): Promise<PinnedProcess> {
  const port = await freePort();
  return startPinned(core, port, [
    process.execPath,
    resolve(import.meta.dirname, file),
    String(port),
    upstream,
  ]);
}
