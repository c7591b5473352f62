/** Waits for the upstream's word on a WebSocket as long as the client waits as well. */
import type { Socket } from 'node:net';

/**
 * Before it knows whether there will be a WebSocket, a client has nothing to say (RFC 9931); one that speaks, or leaves,
 * which nobody hears while nobody reads, loses its connection. Reads nothing.
 */
export async function whileSilent<T>(socket: Socket, work: Promise<T>): Promise<T> {
  const leave = (): void => void socket.destroy();
  const look = (): void => {
    // A stream whose end has come says so only to those who ask for more.
    if (socket.readableLength > 0) leave();
    else socket.read(0);
  };
  socket.on('readable', look).once('end', leave);
  try {
    return await work;
  } finally {
    socket.off('readable', look).off('end', leave);
  }
}
