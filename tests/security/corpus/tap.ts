/** Stands between the gateway and an upstream and keeps every byte that the gateway sent. */
import { connect, createServer, type Socket } from 'node:net';
import { listening } from '../differential/listening.ts';

export type Tap = {
  readonly url: string;
  /** Everything sent upstream since it was last forgotten, as latin1. */
  readonly sent: () => string;
  forget(): void;
  close(): Promise<void>;
};

export async function startTap(upstreamUrl: string): Promise<Tap> {
  const { hostname, port } = new URL(upstreamUrl);
  const sockets = new Set<Socket>();
  let sent = '';
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.once('close', () => sockets.delete(one));
    }
    socket.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')));
    socket.pipe(upstream).pipe(socket);
  });
  const url = await listening(server);
  return {
    url,
    sent: () => sent,
    forget() {
      sent = '';
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
