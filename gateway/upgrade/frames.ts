/** WebSocket frames as they go by (RFC 6455 section 5.2): where each begins and ends, and what its head says. */

export type FrameHead = {
  readonly fin: boolean;
  /** The three reserved bits, which mean something only where an extension was agreed on. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Bytes of payload. */
  readonly length: number;
  /** Whether the length stands in as few bytes as it can, and within 63 bits. */
  readonly lengthIsPlain: boolean;
};

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Opcodes from here on control the connection and carry no message. */
export const CONTROL = 8;

export type Read<Fault> = {
  /** As much as may pass: heads that were looked at, and what belongs to them. A head that has not come whole waits. */
  readonly pass: Buffer;
  /** Why nothing after it may. */
  readonly fault: Fault | null;
};

export type FrameReader<Fault> = {
  readonly read: (chunk: Buffer) => Read<Fault>;
  /** Whether a frame of our own could stand behind what was read so far. */
  readonly between: () => boolean;
};

export type Judge<Fault> = {
  /** Looks at each head before anything of its frame passes. */
  head(head: FrameHead): { readonly fault: Fault } | 'pass' | 'hold';
  /**
   * Looks at each frame that was held until it was whole.
   * @param frame its bytes, head and all
   * @param payload without the mask
   */
  whole(head: FrameHead, frame: Buffer, payload: Buffer): Read<Fault>;
};

const NOTHING = Buffer.alloc(0);

export function createFrameReader<Fault>(judge: Judge<Fault>): FrameReader<Fault> {
  let begun = NOTHING;
  let payloadLeft = 0;
  let held: { readonly head: FrameHead; readonly size: number; readonly frame: Buffer } | null = null;

  function release(): Read<Fault> {
    if (held === null) return { pass: NOTHING, fault: null };
    const { head, size, frame } = held;
    held = null;
    return judge.whole(head, frame, unmasked(frame, size, head.masked));
  }

  function read(chunk: Buffer): Read<Fault> {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    begun = NOTHING;
    const passed: Buffer[] = [];
    /** From here on nothing has been passed or held yet. */
    let from = 0;
    let at = 0;
    const upTo = (end: number, fault: Fault | null): Read<Fault> => {
      if (end > from) passed.push(bytes.subarray(from, end));
      const [only] = passed;
      return { pass: passed.length === 1 && only !== undefined ? only : Buffer.concat(passed), fault };
    };

    while (at < bytes.length) {
      if (payloadLeft === 0) {
        const size = headSize(bytes, at);
        if (size === null || bytes.length - at < size) {
          begun = Buffer.from(bytes.subarray(at));
          return upTo(at, null);
        }
        const head = readHead(bytes, at);
        const verdict = judge.head(head);
        if (typeof verdict === 'object') return upTo(at, verdict.fault);
        if (verdict === 'hold') {
          if (at > from) passed.push(bytes.subarray(from, at));
          // In one piece, in however many it comes: a list of single bytes is a hundred times as large.
          held = { head, size, frame: Buffer.allocUnsafe(size + head.length) };
          bytes.copy(held.frame, 0, at, at + size);
          from = at + size;
        }
        at += size;
        payloadLeft = head.length;
      }
      const taken = Math.min(payloadLeft, bytes.length - at);
      if (held !== null) bytes.copy(held.frame, held.frame.length - payloadLeft, at, at + taken);
      at += taken;
      payloadLeft -= taken;
      if (held === null) continue;
      from = at;
      if (payloadLeft > 0) continue;
      const { pass, fault } = release();
      if (pass.length > 0) passed.push(pass);
      if (fault !== null) return upTo(from, fault);
    }
    return upTo(at, null);
  }

  return { read, between: () => begun.length === 0 && payloadLeft === 0 && held === null };
}

function unmasked(frame: Buffer, headBytes: number, masked: boolean): Buffer {
  const payload = frame.subarray(headBytes);
  return masked ? withMask(payload, frame.subarray(headBytes - 4, headBytes)) : payload;
}

/** RFC 6455 section 5.3; the same forth and back. */
function withMask(payload: Buffer, mask: Buffer): Buffer {
  const out = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index += 1)
    out[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return out;
}

/** Null while not even that can be told. */
function headSize(bytes: Buffer, at: number): number | null {
  const second = bytes[at + 1];
  if (second === undefined) return null;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  switch (second & 0x7f) {
    case 126:
      return 4 + mask;
    case 127:
      return 10 + mask;
    default:
      return 2 + mask;
  }
}

function readHead(bytes: Buffer, at: number): FrameHead {
  const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
  return {
    fin: (first & 0x80) !== 0,
    reserved: (first & 0x70) >> 4,
    opcode: first & 0x0f,
    masked: (second & 0x80) !== 0,
    ...readLength(bytes, at, second & 0x7f),
  };
}

function readLength(bytes: Buffer, at: number, short: number): Pick<FrameHead, 'length' | 'lengthIsPlain'> {
  if (short < 126) return { length: short, lengthIsPlain: true };
  if (short === 126) {
    const length = bytes.readUInt16BE(at + 2);
    return { length, lengthIsPlain: length > 125 };
  }
  const length = bytes.readBigUInt64BE(at + 2);
  return { length: Number(length), lengthIsPlain: length > 0xffffn && length < 1n << 63n };
}

/** Why a WebSocket is closed (RFC 6455 section 7.4.1, and the IANA registry for 1013). */
export const CLOSE = {
  goingAway: 1001,
  protocolError: 1002,
  notAllowed: 1008,
  tooBig: 1009,
  tryAgainLater: 1013,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/**
 * A Close frame.
 * @param reason at most 123 bytes of UTF-8
 * @param mask four bytes where a client sends it; null where a server does (section 5.3)
 */
export function closeFrame(code: CloseCode, reason: string, mask: Buffer | null): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  const head = [0x80 | OPCODE.close, (mask === null ? 0 : 0x80) | payload.length];
  if (mask === null) return Buffer.concat([Buffer.from(head), payload]);
  return Buffer.concat([Buffer.from(head), mask, withMask(payload, mask)]);
}
