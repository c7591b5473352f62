/** What a browser may send over the WebSocket of a session: well-formed frames alone, and messages only as a rule says. */
import type { BodyBudget } from '../settle/body.ts';
import {
  CLOSE,
  CONTROL,
  createFrameReader,
  OPCODE,
  type CloseCode,
  type FrameHead,
  type FrameReader,
  type Read,
} from './frames.ts';

export type BrowserFault = {
  readonly code: CloseCode;
  /** The same word stands in the record. */
  readonly why:
    'message_not_permitted' | 'message_too_large' | 'no_room' | 'malformed_frame' | 'frame_after_close';
  /** What of a message is not as its rule says, in words without any value of it. */
  readonly wrong?: string;
};

export type MessageRules = {
  readonly messages: 'from_app' | 'both';
  /** Bytes of one message. */
  readonly messageBytes: number;
  /** Asked of each message before any of it is sent on; null where they go unseen. */
  readonly wrongMessage: ((message: Uint8Array) => string | null) | null;
};

export type FromBrowser = FrameReader<BrowserFault> & {
  /** Of messages that were sent on, or begun to be. */
  sent(): { readonly messages: number; readonly bytes: number };
  /** The message that is held and not yet whole, the same object as long as it is the same message; or null. */
  unfinished(): object | null;
  /** Gives back what it holds; to be called when nothing more is read. */
  drop(): void;
};

type Message = {
  readonly opcode: number;
  /** Null where it goes on unseen. */
  readonly wrong: MessageRules['wrongMessage'];
  size: number;
  readonly frames: Buffer[];
  readonly payloads: Buffer[];
};

const MALFORMED: BrowserFault = { code: CLOSE.protocolError, why: 'malformed_frame' };
const NOT_PERMITTED: BrowserFault = { code: CLOSE.notAllowed, why: 'message_not_permitted' };
const TOO_LARGE: BrowserFault = { code: CLOSE.tooBig, why: 'message_too_large' };
const NO_ROOM: BrowserFault = { code: CLOSE.tryAgainLater, why: 'no_room' };
/** Of a message that is held until it is whole; each costs more than its bytes, and may have none. */
const MOST_PIECES = 1_000;
const MOST_IN_CONTROL = 125;
const KNOWN: ReadonlySet<number> = new Set(Object.values(OPCODE));
const NOTHING = Buffer.alloc(0);

/**
 * @param rules asked for each message: they may become stricter while the WebSocket is open.
 * @param budget of all that is held; a message that is looked at counts until it has passed.
 */
export function createFromBrowser(rules: () => MessageRules, budget: BodyBudget): FromBrowser {
  const sent = { messages: 0, bytes: 0 };
  let holding = 0;
  let message: Message | null = null;
  let closed = false;

  function judgeMessage({ opcode, fin, length }: FrameHead): BrowserFault | 'pass' | 'hold' {
    const { messages: who, messageBytes, wrongMessage } = rules();
    if (who === 'from_app') return NOT_PERMITTED;
    if ((opcode === OPCODE.continuation) !== (message !== null)) return MALFORMED;
    message ??= { opcode, wrong: wrongMessage, size: 0, frames: [], payloads: [] };
    const { wrong, size } = message;
    message.size += length;
    if (message.size > messageBytes) return TOO_LARGE;
    if (wrong !== null) return hold(length, message.frames.length);
    if (size === 0 && opcode !== OPCODE.continuation) sent.messages += 1;
    sent.bytes += length;
    if (fin) message = null;
    return 'pass';
  }

  function hold(length: number, pieces: number): BrowserFault | 'hold' {
    if (pieces >= MOST_PIECES) return TOO_LARGE;
    if (budget.held + length > budget.limit) return NO_ROOM;
    budget.held += length;
    holding += length;
    return 'hold';
  }

  function drop(): void {
    budget.held -= holding;
    holding = 0;
  }

  function judgeControl({ opcode, fin, length }: FrameHead): BrowserFault | 'pass' {
    if (!fin || length > MOST_IN_CONTROL) return MALFORMED;
    // A Close says nothing, or a code and why.
    if (opcode === OPCODE.close && length === 1) return MALFORMED;
    closed = opcode === OPCODE.close;
    return 'pass';
  }

  function judge(head: FrameHead): BrowserFault | 'pass' | 'hold' {
    if (closed) return { code: CLOSE.protocolError, why: 'frame_after_close' };
    if (!head.masked || head.reserved !== 0 || !head.lengthIsPlain || !KNOWN.has(head.opcode))
      return MALFORMED;
    return head.opcode < CONTROL ? judgeMessage(head) : judgeControl(head);
  }

  function whole({ fin }: FrameHead, frame: Buffer, payload: Buffer): Read<BrowserFault> {
    if (message === null) return { pass: NOTHING, fault: MALFORMED };
    message.frames.push(frame);
    message.payloads.push(payload);
    if (!fin) return { pass: NOTHING, fault: null };
    const { opcode, wrong: wrongOf, frames, payloads, size } = message;
    message = null;
    drop();
    const wrong =
      opcode === OPCODE.text ? (wrongOf?.(Buffer.concat(payloads)) ?? null) : 'the message is no text';
    if (wrong !== null) return { pass: NOTHING, fault: { ...NOT_PERMITTED, wrong } };
    sent.messages += 1;
    sent.bytes += size;
    return { pass: Buffer.concat(frames), fault: null };
  }

  const reader = createFrameReader<BrowserFault>({
    head: (head) => {
      const verdict = judge(head);
      return typeof verdict === 'string' ? verdict : { fault: verdict };
    },
    whole,
  });
  return {
    read: reader.read,
    // Behind the browser's own Close there is no place for another one.
    between: () => !closed && reader.between(),
    sent: () => ({ ...sent }),
    unfinished: () => (message === null || message.wrong === null ? null : message),
    drop,
  };
}
