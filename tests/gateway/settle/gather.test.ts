/** A body that is held costs its bytes, however small the pieces are in which it is sent. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBody } from '../../../gateway/settle/body.ts';
import { gather } from '../../../gateway/settle/gather.ts';

test('what was gathered is what came', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 20 }), (pieces) => {
      const gathered = gather();
      for (const piece of pieces) gathered.add(Buffer.from(piece));
      expect(gathered.bytes().equals(Buffer.concat(pieces))).toBe(true);
    }),
  );
});

test('no piece of a body is kept but the first: each would cost a hundred times its byte', async () => {
  const incoming = new IncomingMessage(new Socket());
  const budget = { held: 0, limit: 1_000_000 };
  const reading = readBody(incoming, 1_000_000, budget);
  const piece = Buffer.from('a');
  incoming.emit('data', Buffer.from('first '));
  for (const letter of 'and the rest') {
    piece.write(letter);
    incoming.emit('data', piece);
  }
  incoming.emit('end');
  const read = await reading;
  expect(read.ok && read.bytes.toString()).toBe('first and the rest');
  expect(budget.held).toBe(18);
});
