/** A market app on port 0 that answers as a test says, however hostile, and remembers what it was asked. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { Agent, type Dispatcher } from 'undici';
import { onTestFinished } from 'vitest';
import type { Credential } from '../../../gateway/identity/index.ts';

export type FakeUpstream = {
  readonly upstream: string;
  readonly dispatcher: Dispatcher;
  readonly asked: IncomingMessage[];
  answer: RequestListener;
  readonly stop: () => Promise<void>;
};

export async function fakeUpstream(answer: RequestListener): Promise<FakeUpstream> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    fake.answer(request, response);
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(stop);
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.destroy());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the upstream has no port');
  const fake: FakeUpstream = {
    upstream: `http://127.0.0.1:${String(address.port)}`,
    dispatcher,
    asked,
    answer,
    stop,
  };
  return fake;
}

export function json(value: unknown, status = 200): RequestListener {
  return (_, response) => sendJson(response, value, status);
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(value));
}

export function credential({
  headers = {},
  ...parts
}: Partial<Credential> & { readonly headers?: Readonly<Record<string, string>> } = {}): Credential {
  const header = (name: string): string | null => headers[name] ?? null;
  return { cookie: null, authorization: null, header, remoteAddress: '203.0.113.7', ...parts };
}
