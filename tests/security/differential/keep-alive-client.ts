/** Sends raw requests one after the other, on one connection for as long as the other side keeps it open. */
import { connect, type Socket } from 'node:net';
import { readAnswers, type RawAnswer } from '../raw-exchange.ts';

export type KeepAliveClient = {
  /** Null where the connection closed without an answer. */
  send(raw: string): Promise<RawAnswer | null>;
  close(): void;
};

const PATIENCE_MS = 10_000;

export function keepAliveClient(url: string): KeepAliveClient {
  const { hostname, port } = new URL(url);
  let socket: Socket | null = null;

  function connected(): Socket {
    if (socket !== null && !socket.destroyed && socket.writable) return socket;
    socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
    socket.setNoDelay();
    socket.on('error', () => undefined);
    return socket;
  }

  return {
    send(raw) {
      const on = connected();
      return new Promise((resolve, reject) => {
        let bytes = '';
        const timer = setTimeout(
          () => reject(new Error(`no answer within 10 s to ${JSON.stringify(raw)}`)),
          PATIENCE_MS,
        );
        const done = (): void => {
          clearTimeout(timer);
          on.off('data', take).off('close', done);
          // Whatever follows the first answer was another request's, smuggled in by this one's bytes.
          const [answer = null] = readAnswers(bytes, raw.startsWith('HEAD '));
          if (answer === null || bytes.length === 0 || answer.header('connection') === 'close')
            on.resetAndDestroy();
          resolve(answer);
        };
        const take = (chunk: Buffer): void => {
          bytes += chunk.toString('latin1');
          if (readAnswers(bytes, raw.startsWith('HEAD ')).length > 0) done();
        };
        on.on('data', take).once('close', done);
        on.write(raw, 'latin1');
      });
    },
    close: () => socket?.destroy(),
  };
}
