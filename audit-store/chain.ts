/** The hash chain: each entry's hash covers its own canonical JSON and, through the hash before, everything earlier. */
import { hash } from 'node:crypto';

/** What the first entry follows: 32 zero bytes. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** SHA-256 over the 32 bytes of the previous hash followed by the entry's canonical JSON in UTF-8. */
export function entryHash(previous: Buffer, body: string): Buffer {
  const bytes = Buffer.allocUnsafe(previous.length + Buffer.byteLength(body));
  previous.copy(bytes);
  bytes.write(body, previous.length);
  // As text first: each digest of bytes is memory of its own outside the heap, and dear to be rid of.
  return Buffer.from(hash('sha256', bytes, 'hex'), 'hex');
}
