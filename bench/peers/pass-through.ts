/**
 * A process: the least that can be called a reverse proxy on Node. `node:http` in front, undici's dispatch behind,
 * hop-by-hop lines dropped both ways, X-Forwarded-* written, both bodies streaming under back-pressure. It decides
 * nothing, knows nobody, keeps nothing: what the gateway costs beyond it is what the gateway does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, type Dispatcher } from 'undici';

const [, , port = '0', upstream = ''] = process.argv;

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);

const agent = new Agent({ connections: 256, pipelining: 1 });

createServer((incoming, response) => {
  agent.dispatch(
    {
      origin: upstream,
      path: incoming.url ?? '/',
      method: incoming.method ?? 'GET',
      headers: requestHeaders(incoming),
      body: hasBody(incoming) ? incoming : null,
    },
    new PassThrough(response),
  );
}).listen(Number(port), '127.0.0.1');

class PassThrough implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const response = this.#response;
    response.once('close', () => {
      if (!response.writableFinished) controller.abort(new Error('the client broke off'));
    });
    response.on('drain', () => controller.resume());
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status >= 200) this.#response.writeHead(status, answerHeaders(controller.rawHeaders));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

function requestHeaders(incoming: IncomingMessage): string[] {
  const { rawHeaders } = incoming;
  const named = connectionNames(incoming.headers.connection);
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (HOP_BY_HOP.has(name) || FORWARDED.has(name) || named.includes(name)) continue;
    lines.push(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  lines.push('x-forwarded-for', incoming.socket.remoteAddress ?? '');
  lines.push('x-forwarded-host', incoming.headers.host ?? '', 'x-forwarded-proto', 'http');
  return lines;
}

function answerHeaders(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  const lines: string[] = [];
  if (!Array.isArray(raw)) return lines;
  for (let index = 0; index < raw.length; index += 2) {
    const name = String(raw[index]);
    if (!HOP_BY_HOP.has(name.toLowerCase())) lines.push(name, String(raw[index + 1]));
  }
  return lines;
}

const NONE: readonly string[] = [];

function connectionNames(header: string | undefined): readonly string[] {
  if (header === undefined || header === 'keep-alive' || header === 'close') return NONE;
  return header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
}

function hasBody(incoming: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
