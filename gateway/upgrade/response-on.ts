/** An ordinary answer to a request for a WebSocket, on a connection that Node's server has let go of. */
import { ServerResponse, type IncomingMessage } from 'node:http';

/** The connection ends with the answer. */
export function responseOn(incoming: IncomingMessage): ServerResponse {
  const { socket } = incoming;
  const response = new ServerResponse(incoming);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  // What the server does for connections that are still its own.
  socket.on('drain', () => response.emit('drain'));
  // A browser that keeps its half open keeps nothing of ours.
  response.once('finish', () => socket.end(() => socket.destroy()));
  return response;
}

/**
 * Tells the browser that its WebSocket is open; from then on the connection is no HTTP any more, and the response writes
 * nothing.
 * @param headers of the app's own answer, as they go on
 */
export function switchProtocols(response: ServerResponse, headers: readonly string[]): void {
  const { socket } = response;
  if (socket === null) return;
  response.detachSocket(socket);
  let lines = '';
  for (let index = 0; index < headers.length; index += 2)
    lines += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`;
  const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  socket.write(`${head}${lines}\r\n`, 'latin1');
}
