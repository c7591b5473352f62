/** Hands raw bytes to an HTTP server that listens nowhere: the parser is real, only the network is left out. */
import type { Server } from 'node:http';
import { duplexPair } from 'node:stream';

/** Resolves with what came back once the server is done with the connection; the request must ask for it to be closed. */
export function memoryExchange(server: Server, raw: string): Promise<string> {
  const [client, ours] = duplexPair();
  return new Promise((resolve) => {
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    client.once('end', () => {
      client.destroy();
      resolve(answer);
    });
    client.once('error', () => resolve(answer));
    ours.once('error', () => client.destroy());
    ours.once('close', () => resolve(answer));
    server.emit('connection', ours);
    client.write(Buffer.from(raw, 'latin1'));
  });
}
