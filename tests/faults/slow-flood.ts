/** Clients that hold what they were given: heads and bodies that come a byte a second, and readers that do not read. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';

/** A reader holds a connection to the app until it is cut: no more of them than the pool can spare. */
const reads = (one: number): boolean => one % 3 === 2 && one < 600;

export type Flood = {
  /** Resolves when the gateway has got rid of all of them: heads and bodies by the server's time-outs, readers by the body's. */
  allCut(): Promise<void>;
};

/** @param url of a gateway in front of an app that has something long to read at `/big` */
export function flood(url: string, many: number): Flood {
  const { port, host } = new URL(url);
  let cut = 0;
  const say = (socket: Socket, one: number): void => {
    if (one % 3 === 0) socket.write('GET /market HTTP/1.1\r\nHost: ');
    else if (!reads(one))
      socket.write(`POST /api/orders HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\na`);
    else {
      socket.write(`GET /big HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      socket.pause();
    }
  };
  const clients = Array.from({ length: many }, (_, one) => {
    const socket = connect(Number(port), '127.0.0.1', () => say(socket, one));
    socket.on('error', () => undefined);
    // A paused reader hears of its end only when it reads.
    if (!reads(one)) socket.on('data', () => undefined);
    socket.once('close', () => (cut += 1));
    return socket;
  });
  const trickle = setInterval(() => {
    for (const [one, socket] of clients.entries()) if (!reads(one) && socket.writable) socket.write('a');
  }, 1000);
  onTestFinished(() => {
    clearInterval(trickle);
    for (const socket of clients) socket.destroy();
  });
  return {
    async allCut() {
      const senders = clients.filter((_, one) => !reads(one));
      await expect.poll(() => senders.every((socket) => socket.destroyed), { timeout: 60_000 }).toBe(true);
      for (const socket of clients) socket.resume();
      await expect.poll(() => cut, { timeout: 60_000 }).toBe(many);
      clearInterval(trickle);
    },
  };
}
