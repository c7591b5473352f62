/** Both ends of a WebSocket by hand: an app that agrees to every one, and a browser whose every byte the test chooses. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect } from 'vitest';
import type { Executed, LenientUpstream } from './lenient-upstream.ts';

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = Buffer.from([1, 2, 3, 4]);

export type Frame = { readonly opcode: number; readonly fin: boolean; readonly payload: Buffer };

/** One end: what it has got so far, and what it says. */
export type End = {
  readonly frames: readonly Frame[];
  /** Bytes behind the last whole frame. */
  readonly rest: () => number;
  /** Code and reason of the Close that came, as `1008 why`; null where none did. */
  readonly close: () => string | null;
  /** Texts that came whole in one frame. */
  readonly texts: () => readonly string[];
  readonly gone: () => boolean;
  readonly socket: Duplex;
  write(bytes: Buffer): void;
};

export type AppEnd = End & { readonly request: Executed };

export type App = {
  /** Every WebSocket that was opened, the newest last. */
  readonly opened: AppEnd[];
  /** Answers the next requests otherwise; null agrees again. */
  answerWith(answer: ((request: Executed, socket: Duplex) => void) | null): void;
  /** Further lines of every 101. */
  lines: string[];
};

/** Teaches the lenient upstream to open WebSockets, whatever their path. */
export function webSocketApp(upstream: LenientUpstream): App {
  const opened: AppEnd[] = [];
  let otherwise: ((request: Executed, socket: Duplex) => void) | null = null;
  const app: App = {
    opened,
    lines: [],
    answerWith(answer) {
      otherwise = answer;
    },
  };
  upstream.onUpgrade((request, socket, head) => {
    if (otherwise !== null) {
      socket.on('error', () => socket.destroy()).once('end', () => socket.end());
      socket.resume();
      otherwise(request, socket);
      return;
    }
    socket.write(agreement(request, app.lines), 'latin1');
    opened.push({ ...endOf(socket, head), request });
  });
  return app;
}

/** The 101 of RFC 6455 section 4.2.2. */
export function agreement({ headers }: Executed, lines: readonly string[] = []): string {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...lines,
    '',
    '',
  ].join('\r\n');
}

export type Asked = {
  readonly status: number;
  /** Everything before the empty line. */
  readonly head: string;
  /** The end that speaks frames, of a 101. */
  readonly end: End;
  /** The body that came so far, of anything else. */
  readonly body: () => string;
};

export type Wish = {
  readonly path: string;
  readonly cookie: string;
  /** The site's own unless said; null for none. */
  readonly origin?: string | null;
  readonly lines?: readonly string[];
};

/** The request for a WebSocket that a browser sends; resolves with the head of the answer. */
export function ask(url: string, { path, cookie, origin = url, lines = [] }: Wish): Promise<Asked> {
  const { host } = new URL(url);
  return askRaw(url, [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    // The browser is that of the visitor who started the session.
    'User-Agent: node',
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...lines,
  ]);
}

export function askRaw(
  url: string,
  head: readonly string[],
  behind: Buffer = Buffer.alloc(0),
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), behind]));
    });
    let bytes = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy(new Error('nothing came for ten seconds')));
    socket.on('error', reject);
    const gone = (): void =>
      reject(new Error(`the connection was cut after ${JSON.stringify(bytes.toString())}`));
    socket.once('close', gone);
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const at = bytes.indexOf('\r\n\r\n');
      if (at === -1) return;
      socket.off('data', read).off('close', gone).setTimeout(0);
      socket.on('error', () => undefined);
      const text = bytes.subarray(0, at).toString('latin1');
      const rest = bytes.subarray(at + 4);
      const end = endOf(socket, rest);
      let body = rest.toString();
      socket.on('data', (more: Buffer) => (body += more.toString()));
      resolve({ status: Number(text.slice(9, 12)), head: text, end, body: () => body });
    };
    socket.on('data', read);
  });
}

function endOf(socket: Duplex, first: Buffer): End {
  const frames: Frame[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  let gone = false;
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const whole = firstFrame(bytes);
      if (whole === null) return;
      frames.push(whole);
      bytes = bytes.subarray(whole.size);
    }
  };
  take(first);
  socket.on('data', take);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => (gone = true));
  // As a browser does: what has ended is ended.
  socket.once('end', () => socket.end());
  return {
    frames,
    rest: () => bytes.length,
    close() {
      const payload = frames.find(({ opcode }) => opcode === 8)?.payload;
      return payload === undefined ? null : `${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`;
    },
    texts: () =>
      frames.filter(({ opcode, fin }) => opcode === 1 && fin).map(({ payload }) => payload.toString()),
    gone: () => gone,
    socket,
    write: (more) => void socket.write(more),
  };
}

function firstFrame(bytes: Buffer): (Frame & { readonly size: number }) | null {
  if (bytes.length < 2) return null;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  let length = second & 0x7f;
  let at = 2;
  if (length === 126 || length === 127) {
    const wide = length === 127;
    at += wide ? 8 : 2;
    if (bytes.length < at) return null;
    length = wide ? Number(bytes.readBigUInt64BE(2)) : bytes.readUInt16BE(2);
  }
  const masked = (second & 0x80) !== 0;
  const from = at + (masked ? 4 : 0);
  if (bytes.length < from + length) return null;
  const mask = bytes.subarray(at, from);
  const payload = Buffer.from(bytes.subarray(from, from + length)).map((byte, index) =>
    masked ? byte ^ (mask[index % 4] ?? 0) : byte,
  );
  return {
    opcode: first & 0x0f,
    fin: (first & 0x80) !== 0,
    payload: Buffer.from(payload),
    size: from + length,
  };
}

export type FrameOptions = {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly reserved?: number;
  /** As browsers do; apps do not. */
  readonly masked?: boolean;
  /** The length that is written down, where it is not the true one: 7, 16 or 64 bits of it. */
  readonly written?: { readonly bits: 7 | 16 | 64; readonly length: bigint };
};

/** A frame, by default a whole text from a browser. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = options;
  const bytes = Buffer.from(payload);
  const { bits, length } = options.written ?? {
    bits: bytes.length < 126 ? 7 : bytes.length < 65_536 ? 16 : 64,
    length: BigInt(bytes.length),
  };
  const mark = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  let head = Buffer.from([first, mark | Number(length & 0x7fn)]);
  if (bits === 16) {
    head = Buffer.from([first, mark | 126, 0, 0]);
    head.writeUInt16BE(Number(length), 2);
  } else if (bits === 64) {
    head = Buffer.concat([Buffer.from([first, mark | 127]), Buffer.alloc(8)]);
    head.writeBigUInt64BE(length, 2);
  }
  if (!masked) return Buffer.concat([head, bytes]);
  return Buffer.concat([head, MASK, bytes.map((byte, index) => byte ^ (MASK[index % 4] ?? 0))]);
}

export const fromApp = (payload: string | Buffer, options: FrameOptions = {}): Buffer =>
  frame(payload, { masked: false, ...options });

/** Waits for the end of one end, which must come within a second, and for a busy machine. */
export async function ended(end: End): Promise<void> {
  await expect.poll(end.gone, { timeout: 2_500, interval: 10 }).toBe(true);
}
