/** What a Redis server says about itself that decides whether sessions are safe there. */
import type { RedisClient } from './connect.ts';

export type ServerFacts = {
  /** Whether it may throw keys away when its memory is full; `null` where it does not say. */
  readonly mayEvict: boolean | null;
  /** Whether its memory is full, so that nothing new can be kept. */
  readonly full: boolean;
  readonly replicas: number;
};

/** Of a server of which nothing is known. */
export const UNKNOWN_SERVER: ServerFacts = { mayEvict: null, full: false, replicas: 0 };

/** A server that keeps `INFO` to itself (an ACL, a managed service) is believed to be set up as its operator wanted. */
export async function askServer(client: RedisClient): Promise<ServerFacts> {
  try {
    const info = `${await client.info('memory')}\n${await client.info('replication')}`;
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    const number = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    const most = number('maxmemory');
    return {
      mayEvict: policy === undefined ? null : policy !== 'noeviction',
      full: most > 0 && number('used_memory') >= most,
      replicas: number('connected_slaves'),
    };
  } catch {
    return UNKNOWN_SERVER;
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
