/** A shop's own server that is told of events: takes them, fails, hangs, redirects, goes away and comes back. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { portOf } from '../../security/port-of.ts';

export type Received = {
  readonly id: string;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Receiver = {
  readonly url: string;
  /** Every attempt, in the order in which they came. */
  readonly received: Received[];
  /** Answers in its own way; null answers 204. */
  behave(behaviour: ((request: Received, response: ServerResponse) => void) | null): void;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let behaviour: ((request: Received, response: ServerResponse) => void) | null = null;
  const make = () =>
    createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('error', () => undefined);
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const { type } = z.looseObject({ type: z.string() }).parse(JSON.parse(body));
        const request = { id: String(incoming.headers['webhook-id']), type, headers: incoming.headers, body };
        received.push(request);
        if (behaviour === null) response.writeHead(204).end();
        else behaviour(request, response);
      });
    });
  let server = make();
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const down = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  await listen(0);
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}/hook?shop=1`,
    received,
    behave(next) {
      behaviour = next;
    },
    down,
    up() {
      server = make();
      return listen(port);
    },
    close: down,
  };
}

/** As a receiver checks it, by the Standard Webhooks specification. */
export function isGenuine(secret: string, headers: IncomingHttpHeaders, body: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const own = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((one) => Buffer.from(one.replace('v1,', ''), 'base64'))
    .some((one) => one.length === own.length && timingSafeEqual(one, own));
}
