/** What a Redis server says about itself that decides whether sessions are safe there. */
import type { RedisClient } from './connect.ts';

export type ServerFacts = {
  /** Whether it may throw keys away when its memory is full; `null` where it does not say. */
  readonly mayEvict: boolean | null;
  readonly replicas: number;
};

/** A server that keeps `INFO` to itself (an ACL, a managed service) is believed to be set up as its operator wanted. */
export async function askServer(client: RedisClient): Promise<ServerFacts> {
  try {
    const info = `${await client.info('memory')}\n${await client.info('replication')}`;
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0);
    return { mayEvict: policy === undefined ? null : policy !== 'noeviction', replicas };
  } catch {
    return { mayEvict: null, replicas: 0 };
  }
}

/** How long a replica may take to have what was last written on a connection (threats E-4). */
const REPLICA_MS = 200;

/** Null where there is no replica to ask. Never rejects. */
export async function reachedReplica(client: RedisClient, replicas: number): Promise<boolean | null> {
  if (replicas === 0) return null;
  try {
    return (await client.wait(1, REPLICA_MS)) > 0;
  } catch {
    return false;
  }
}
