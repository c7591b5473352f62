/** The hash chain: each entry's hash covers its own canonical JSON and, through the hash before, everything earlier. */
import { createHash } from 'node:crypto';

/** What the first entry follows: 32 zero bytes. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** SHA-256 over the 32 bytes of the previous hash followed by the entry's canonical JSON in UTF-8. */
export function entryHash(previous: Buffer, body: string): Buffer {
  return createHash('sha256').update(previous).update(body, 'utf8').digest();
}
