/** Whoever reads frames and whoever counts bytes must agree, however the bytes come: cut anywhere, held or passed. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameReader } from '../../../gateway/upgrade/frames.ts';
import { createFromBrowser, type MessageRules } from '../../../gateway/upgrade/from-browser.ts';
import type { BodyBudget } from '../../../gateway/settle/body.ts';
import { frame } from '../../security/web-sockets.ts';

const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const control = fc
  .record({ opcode: fc.constantFrom(9, 10), bytes: fc.uint8Array({ maxLength: 125 }) })
  .map(({ opcode, bytes }) => frame(Buffer.from(bytes), { opcode }));
/** A message in pieces, with pings between them. */
const message = fc
  .array(fc.tuple(payload, fc.array(control, { maxLength: 2 })), { minLength: 1, maxLength: 4 })
  .map((pieces) =>
    Buffer.concat(
      pieces.flatMap(([bytes, pings], index) => [
        frame(bytes, { opcode: index === 0 ? 1 : 0, fin: index === pieces.length - 1 }),
        ...(index === pieces.length - 1 ? [] : pings),
      ]),
    ),
  );
const stream = fc.array(fc.oneof(message, control), { maxLength: 6 }).map((parts) => Buffer.concat(parts));

/** The same bytes in pieces of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
const roomy = (): BodyBudget => ({ held: 0, limit: 1_000_000 });
const both: MessageRules = { messages: 'both', messageBytes: 100_000, wrongMessage: null };

describe('frames that may pass', () => {
  test('pass byte for byte, and at their end there is room for one of our own', () => {
    fc.assert(
      fc.property(stream, sizes, (bytes, ofSizes) => {
        const reader = createFromBrowser(() => both, roomy());
        const passed = cut(bytes, ofSizes).map((piece) => reader.read(piece));
        expect(passed.every(({ fault }) => fault === null)).toBe(true);
        expect(Buffer.concat(passed.map(({ pass }) => pass)).equals(bytes)).toBe(true);
        expect(reader.between()).toBe(true);
      }),
    );
  });

  test('that are looked at pass as messages: each one is seen as it was meant, before any of it passes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 80 }), { maxLength: 5 }), sizes, (texts, ofSizes) => {
        const seen: string[] = [];
        const budget = roomy();
        const reader = createFromBrowser(
          () => ({
            ...both,
            wrongMessage(bytes) {
              seen.push(Buffer.from(bytes).toString());
              return null;
            },
          }),
          budget,
        );
        const bytes = Buffer.concat(
          texts.flatMap((text) => {
            const half = Buffer.from(text).subarray(0, 3);
            const rest = Buffer.from(text).subarray(3);
            return [frame(half, { fin: false }), frame('', { opcode: 9 }), frame(rest, { opcode: 0 })];
          }),
        );
        const passed = Buffer.concat(cut(bytes, ofSizes).map((piece) => reader.read(piece).pass));
        expect(seen).toEqual(texts);
        expect(passed).toHaveLength(bytes.length);
        expect(budget.held).toBe(0);
        expect(reader.sent()).toEqual({ messages: texts.length, bytes: Buffer.byteLength(texts.join('')) });
        expect(reader.between()).toBe(true);
      }),
    );
  });

  test('and in the midst of one there is no such room', () => {
    const reader = createFrameReader<never>({
      head: () => 'pass',
      whole: (_head, bytes) => ({ pass: bytes, fault: null }),
    });
    const bytes = frame('x'.repeat(200));
    for (const [index, byte] of bytes.entries()) {
      reader.read(Buffer.from([byte]));
      expect(reader.between(), String(index)).toBe(index === bytes.length - 1);
    }
  });
});

test('of a message that is not permitted nothing passes, wherever it was cut, nor anything behind it', () => {
  fc.assert(
    fc.property(stream, payload, sizes, (bytes, text, ofSizes) => {
      let { messages }: Pick<MessageRules, 'messages'> = both;
      const reader = createFromBrowser(() => ({ ...both, messages }), roomy());
      const before = Buffer.concat(cut(bytes, ofSizes).map((piece) => reader.read(piece).pass));
      expect(before.equals(bytes)).toBe(true);
      messages = 'from_app';
      const after = cut(frame(text), ofSizes).map((piece) => reader.read(piece));
      const fault = after.findIndex((read) => read.fault !== null);
      expect(after[fault]?.fault).toMatchObject({ code: 1008, why: 'message_not_permitted' });
      expect(after.slice(0, fault + 1).every(({ pass }) => pass.length === 0)).toBe(true);
    }),
  );
});
