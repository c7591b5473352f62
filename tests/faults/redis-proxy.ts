/** Stands between one gateway and Redis: slows what it says, or swallows everything on one of the gateway's connections. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '../security/port-of.ts';

/** The names under which a gateway connects. */
export type ConnectionName = 'understudy' | 'understudy-ends' | 'understudy-changes';
export const CONNECTIONS: readonly ConnectionName[] = ['understudy', 'understudy-ends', 'understudy-changes'];

export type RedisProxy = {
  readonly url: string;
  /** Answers come so much later. */
  delay(ms: number): void;
  /**
   * No byte passes there any more, in either direction, and nobody is told; on connections made later neither. When
   * names are left out again, new connections work: those that were cut stay as dead as with a firewall that forgot them.
   */
  swallow(names: readonly ConnectionName[]): void;
  close(): Promise<void>;
};

type Pair = { readonly near: Socket; readonly far: Socket; name: string | null; cut: boolean };

export async function startRedisProxy(redisPort: number): Promise<RedisProxy> {
  let delayMs = 0;
  let swallowed: readonly string[] = [];
  const pairs = new Set<Pair>();
  const isCut = (pair: Pair): boolean => {
    pair.cut ||= pair.name !== null && swallowed.includes(pair.name);
    return pair.cut;
  };

  /** In its turn, and not before it is due. */
  async function passOn(before: Promise<void>, due: number, pair: Pair, chunk: Buffer): Promise<void> {
    await before;
    const left = due - performance.now();
    if (left > 0) await sleep(left);
    if (!isCut(pair)) pair.near.write(chunk);
  }

  const server = createServer((near) => {
    const pair: Pair = { near, far: connect(redisPort, '127.0.0.1'), name: null, cut: false };
    pairs.add(pair);
    let last = Promise.resolve();
    near.on('data', (chunk: Buffer) => {
      pair.name ??= /\bunderstudy(?:-\w+)?\b/.exec(chunk.toString('latin1'))?.[0] ?? null;
      if (!isCut(pair)) pair.far.write(chunk);
    });
    pair.far.on('data', (chunk: Buffer) => {
      const due = performance.now() + delayMs;
      last = passOn(last, due, pair, chunk);
    });
    for (const [one, other] of [
      [near, pair.far],
      [pair.far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${portOf(server)}`,
    delay(ms) {
      delayMs = ms;
    },
    swallow(names) {
      swallowed = names;
      for (const pair of pairs) isCut(pair);
    },
    async close() {
      for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
