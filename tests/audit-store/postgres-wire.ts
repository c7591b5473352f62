/** Stands between a store and its PostgreSQL: makes the way longer, or cuts it at the worst moment. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export type Wire = {
  /** The same database, by this way. */
  readonly url: string;
  /** Each answer comes this much later, in milliseconds. */
  slow(ms: number): void;
  /** Cuts the next connection that commits: before the server hears of it, or when it has answered. */
  cutNextCommit(when: 'before' | 'after'): void;
  /** The server hears the next commit, and from then on nothing comes back from it, to anybody, until it is let. */
  muteAfterCommit(): void;
  unmute(): void;
};

export async function wireTo(url: string): Promise<Wire> {
  const target = new URL(url);
  let delay = 0;
  let cut: 'before' | 'after' | 'mute' | null = null;
  let muted: (() => void)[] | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let deaf = false;
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    near.on('data', (data: Buffer) => {
      if (cut !== null && data.includes('COMMIT')) {
        const when = cut;
        cut = null;
        if (when === 'before') {
          end();
          return;
        }
        if (when === 'after') deaf = true;
        else muted = [];
      }
      far.write(data);
    });
    far.on('data', (data: Buffer) => {
      if (deaf) end();
      else if (muted !== null) muted.push(() => near.destroyed || near.write(data));
      else if (delay === 0) near.write(data);
      else void sleep(delay).then(() => near.destroyed || near.write(data));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const through = new URL(url);
  through.port = typeof address === 'object' && address !== null ? `${address.port}` : '';
  return {
    url: through.href,
    slow(ms) {
      delay = ms;
    },
    cutNextCommit(when) {
      cut = when;
    },
    muteAfterCommit() {
      cut = 'mute';
    },
    unmute() {
      const held = muted ?? [];
      muted = null;
      for (const say of held) say();
    },
  };
}
