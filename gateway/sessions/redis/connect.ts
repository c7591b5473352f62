/** The connections to Redis, the only place that knows its client: nothing is queued, repeated or waited for behind our back. */
import { readFileSync } from 'node:fs';
import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { RedisConfig } from './redis-schema.ts';

export type RedisClient = Redis | Cluster;

type OurOptions = RedisOptions & { readonly replyMapping: 'legacy' };

/** How long whoever asks waits for one command; one that takes longer may still be carried out (threats E-6, E-7). */
export const COMMAND_MS = 250;
/** When the client itself forgets it: later, because it cannot tell a late answer from one that nobody has read yet. */
const FORGOTTEN_MS = 1_000;
const CONNECT_MS = 500;
/** Every connection is asked something each second; one that is silent for so long is dead and is replaced. */
const SILENT_MS = 5_000;
const AGAIN_MS = 250;

/** Connects and goes on trying; `error` events are the caller's to hear. */
export function connectRedis(config: RedisConfig, name: string): RedisClient {
  const url = new URL(config.url ?? 'redis://127.0.0.1:6379');
  const options = {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: tlsOf(config) } : {}),
    connectionName: name,
    // Replies of one shape, whichever protocol the server speaks.
    replyMapping: 'legacy' as const,
    commandTimeout: FORGOTTEN_MS,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: 1_000,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // A server that became a replica takes no writes: the connection looks for the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  if (config.cluster !== undefined)
    return new Cluster(config.cluster.nodes.map(hostAndPort), clusterOf(options));
  const database = url.pathname.slice(1);
  const alone = {
    ...options,
    ...(database === '' ? {} : { db: Number(database) }),
    enableOfflineQueue: false,
    retryStrategy: backOff,
  };
  if (config.sentinel === undefined) {
    return new Redis({
      ...alone,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
    });
  }
  const { nodes, master, username, password, tls } = config.sentinel;
  return new Redis({
    ...alone,
    sentinels: nodes.map(hostAndPort),
    name: master,
    role: 'master',
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls ? { sentinelTLS: tlsOf(config) } : {}),
    sentinelRetryStrategy: backOff,
    sentinelCommandTimeout: COMMAND_MS,
    enableTLSForSentinelMode: url.protocol === 'rediss:',
    failoverDetector: true,
  });
}

/**
 * Never lets a client give up: it does where a failover is announced while it is on its way to the server that failed.
 * @returns what closes the connection for good.
 */
export function stayConnected(client: RedisClient): () => void {
  let closed = false;
  // Whoever asks hears that there is no answer; an error event that nobody hears would end the process.
  client.on('error', () => undefined);
  client.on('end', () => {
    if (closed) return;
    setTimeout(() => {
      if (!closed) client.connect().catch(() => undefined);
    }, AGAIN_MS).unref();
  });
  return () => {
    closed = true;
    client.disconnect();
  };
}

function clusterOf(redisOptions: OurOptions): ClusterOptions & { redisOptions: OurOptions } {
  return {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: backOff,
    clusterNodeRetryStrategy: backOff,
    maxRedirections: 3,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    slotsRefreshTimeout: CONNECT_MS,
    slotsRefreshInterval: 5_000,
  };
}

function backOff(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 5), 1_000);
}

function hostAndPort(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(node.slice(colon + 1)) };
}

function tlsOf({ ca_file: file }: RedisConfig): { rejectUnauthorized: true; ca?: string } {
  return { rejectUnauthorized: true, ...(file === undefined ? {} : { ca: readFileSync(file, 'utf8') }) };
}
