/** Speaks HTTP/1.1 by hand: sends exactly the bytes it is given and reads the answers that come back. */
import { connect } from 'node:net';

export type RawAnswer = {
  readonly status: number;
  readonly head: string;
  readonly header: (name: string) => string | null;
  readonly body: string;
};

export type RawExchange = {
  readonly answers: readonly RawAnswer[];
  /** Every byte that came back, as latin1. */
  readonly bytes: string;
  /** True where the other side closed the connection. */
  readonly closed: boolean;
};

export type RawOptions = {
  /** Answers to wait for; the exchange ends at that many, or when the connection closes. */
  readonly answers?: number;
  /** Parts that follow, each once as many bytes or answers as the predicate wants have come. */
  readonly next?: readonly { readonly when: (bytes: string) => boolean; readonly send: string }[];
  /** Nothing more will be sent after the payload, and the other side is told so. */
  readonly halfClose?: boolean;
};

/** @param payload its characters are its bytes, as in latin1. */
export function rawExchange(url: string, payload: string, options: RawOptions = {}): Promise<RawExchange> {
  const { hostname, port } = new URL(url);
  const wanted = options.answers ?? 1;
  const toHead = payload.startsWith('HEAD ');
  const pending = [...(options.next ?? [])];
  return new Promise((resolve, reject) => {
    let bytes = '';
    const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname, () => {
      if (options.halfClose === true) socket.end(payload, 'latin1');
      else socket.write(payload, 'latin1');
    });
    socket.setTimeout(10_000, () =>
      socket.destroy(
        new Error(
          `no answer within 10 s to ${JSON.stringify(payload.slice(0, 200))}; so far ${JSON.stringify(bytes)}`,
        ),
      ),
    );
    const done = (closed: boolean): void => {
      socket.destroy();
      resolve({ answers: readAnswers(bytes, closed || toHead), bytes, closed });
    };
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.toString('latin1');
      const [next] = pending;
      if (next?.when(bytes) === true) {
        pending.shift();
        socket.write(next.send, 'latin1');
      }
      if (pending.length === 0 && readAnswers(bytes, toHead).length >= wanted) done(false);
    });
    socket.on('end', () => done(true));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? done(true) : reject(error),
    );
  });
}

/** A request's bytes: head lines joined by CRLF, an empty line, the body. */
export function message(head: readonly string[], body = ''): string {
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The whole answers in what has come so far; interim ones (1xx) are left out, except 101. @param noMore no byte of a body is still to come, as after HEAD */
export function readAnswers(bytes: string, noMore = false): readonly RawAnswer[] {
  const found: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return found;
    const head = rest.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const header = (name: string): string | null =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? null;
    rest = rest.slice(end + 4);
    if (status >= 100 && status < 200 && status !== 101) continue;
    const bodiless = status === 101 || status === 204 || status === 304;
    // The answer to a HEAD says how long its body would be; at the end of the connection what came is what there is.
    const whole = bodiless ? { text: '', length: 0 } : takeBody(rest, header);
    const body = whole ?? (noMore ? { text: rest, length: rest.length } : null);
    if (body === null) return found;
    found.push({ status, head, header, body: body.text });
    rest = rest.slice(body.length);
  }
}

type Body = { readonly text: string; readonly length: number };

/** Null while it has not come whole. */
function takeBody(rest: string, header: (name: string) => string | null): Body | null {
  const length = header('content-length');
  if (length !== null) {
    const bytes = Number(length);
    return rest.length < bytes ? null : { text: rest.slice(0, bytes), length: bytes };
  }
  if (header('transfer-encoding') !== 'chunked') return { text: rest, length: rest.length };
  let text = '';
  for (let at = 0; ;) {
    const line = rest.indexOf('\r\n', at);
    if (line === -1) return null;
    const size = Number.parseInt(rest.slice(at, line), 16);
    if (rest.length < line + 2 + size + 2) return null;
    text += rest.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
    if (size === 0) return { text, length: at };
  }
}
