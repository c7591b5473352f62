/** Two connections joined into one WebSocket: each at the other's pace, and closed between two frames by whoever has to. */
import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeFrame, createFrameReader, OPCODE, type CloseCode, type FrameReader } from './frames.ts';

export type Relay = {
  /** Says why to both sides, where a frame is not half-way, and ends both connections; nothing more passes. */
  close(code: CloseCode, reason: string): void;
  /** Settles when nothing more passes. */
  readonly closing: Promise<void>;
  /** Settles when both connections are gone. */
  readonly over: Promise<void>;
};

export type RelayOptions<Fault> = {
  readonly browser: Duplex;
  readonly upstream: Duplex;
  /** How long one side may take nothing of what the other sent, milliseconds; 0 for any time. */
  readonly stallMs: number;
  /** Looks at what the browser sends; null where that is not ours to look at. */
  readonly fromBrowser: FrameReader<Fault> | null;
  /** Nothing passes behind it; the caller closes. */
  readonly onFault: (fault: Fault) => void;
};

/** How long a side may take to answer a Close, or to read what it was sent last; milliseconds. */
const LINGER_MS = 500;
/** How long the other side may go on once one has nothing more to say; milliseconds. */
const HALF_CLOSED_MS = 10_000;
/** After so much silence each side is asked whether it is still there; milliseconds. */
const KEEP_ALIVE_MS = 30_000;

/** Follows frames that are not ours to look at; behind a Close there is no place for another one. */
function following(): FrameReader<never> {
  let closed = false;
  const reader = createFrameReader<never>({
    head({ opcode }) {
      closed ||= opcode === OPCODE.close;
      return 'pass';
    },
    whole: (_head, frame) => ({ pass: frame, fault: null }),
  });
  return { read: reader.read, between: () => !closed && reader.between() };
}

/** Starts at once. */
export function relay<Fault>(options: RelayOptions<Fault>): Relay {
  const { browser, upstream, stallMs, fromBrowser, onFault } = options;
  let shut = false;
  let left = 2;
  const { promise: over, resolve: settle } = Promise.withResolvers<void>();
  const { promise: closing, resolve: tellClosing } = Promise.withResolvers<void>();
  const fromApp = following();
  const toApp: FrameReader<Fault> = fromBrowser ?? following();
  const timers: NodeJS.Timeout[] = [];

  function destroyBoth(): void {
    browser.destroy();
    upstream.destroy();
  }

  function destroyAfter(ms: number): void {
    timers.push(setTimeout(destroyBoth, ms).unref());
  }

  for (const [side, other] of [
    [browser, upstream],
    [upstream, browser],
  ] as const) {
    if (side instanceof Socket) side.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    side.on('error', () => side.destroy());
    // A WebSocket of which one half is closed is of no use to anybody.
    side.once('end', () => destroyAfter(HALF_CLOSED_MS));
    const gone = (): void => {
      tellClosing();
      left -= 1;
      if (left === 0) {
        timers.forEach(clearTimeout);
        return settle();
      }
      // What it sent last may still be on its way to the other.
      other.end();
      return destroyAfter(LINGER_MS);
    };
    // One that broke while the seat's cookies were put away has said so, and says it to nobody a second time.
    if (side.closed) gone();
    else side.once('close', gone);
  }

  pump(upstream, browser, stallMs, (chunk) => {
    if (shut) return null;
    fromApp.read(chunk);
    return chunk;
  });
  pump(browser, upstream, stallMs, (chunk) => {
    if (shut) return null;
    const { pass, fault } = toApp.read(chunk);
    // A head that has not come whole waits only where it decides something.
    if (fromBrowser === null) return chunk;
    if (fault !== null) {
      if (pass.length > 0) upstream.write(pass);
      onFault(fault);
      return null;
    }
    return pass;
  });

  return {
    closing,
    over,
    close(code, reason) {
      if (shut) return;
      shut = true;
      tellClosing();
      if (fromApp.between()) browser.write(closeFrame(code, reason, null));
      if (toApp.between()) upstream.write(closeFrame(code, reason, randomBytes(4)));
      browser.end();
      upstream.end();
      // What they still say is read, and goes nowhere.
      browser.resume();
      upstream.resume();
      destroyAfter(LINGER_MS);
    },
  };
}

/** @param passed what of a chunk goes on; null where nothing does. */
function pump(from: Duplex, to: Duplex, stallMs: number, passed: (chunk: Buffer) => Buffer | null): void {
  let stalling: NodeJS.Timeout | undefined;
  from.on('data', (chunk: Buffer) => {
    const bytes = passed(chunk);
    if (bytes === null || bytes.length === 0 || !to.writable || to.write(bytes)) return;
    from.pause();
    clearTimeout(stalling);
    if (stallMs > 0) stalling = setTimeout(() => to.destroy(), stallMs);
  });
  to.on('drain', () => {
    clearTimeout(stalling);
    from.resume();
  });
  to.once('close', () => clearTimeout(stalling));
  from.once('end', () => to.end());
}
