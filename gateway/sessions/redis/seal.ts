/** Seals what is kept in Redis (AES-256-GCM): who can read or write there can neither read a credential nor make a session. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

export type Seal = {
  /** @param bound what the text belongs to; it opens for nothing else. */
  close(text: string, bound: string): string;
  /** The text, or null for what was not sealed by one of our keys for this very purpose. */
  open(sealed: string, bound: string): string | null;
};

export type SealKey = {
  /** Stands before what it sealed; says which key it was and nothing about it. */
  readonly id: Buffer;
  readonly bytes: Buffer;
};

/** Several, so that a key can be replaced while sessions live. */
export type SealKeys = {
  sealing(): SealKey;
  /** Undefined for a key that is none of ours, or not any more. */
  opening(id: Buffer): SealKey | undefined;
};

const IV_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 4;

/** @param randomBytes must be cryptographically strong */
export function createSeal(keys: SealKeys, randomBytes: (size: number) => Buffer): Seal {
  return {
    close(text, bound) {
      const { id, bytes: key } = keys.sealing();
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(bound));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([id, iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, bound) {
      const bytes = Buffer.from(sealed, 'base64url');
      const key = keys.opening(bytes.subarray(0, ID_BYTES))?.bytes;
      if (key === undefined || bytes.length < ID_BYTES + IV_BYTES + TAG_BYTES) return null;
      const [iv, tag, body] = cut(bytes.subarray(ID_BYTES));
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(bound)).setAuthTag(tag);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

function cut(bytes: Buffer): [iv: Buffer, tag: Buffer, body: Buffer] {
  const body = IV_BYTES + TAG_BYTES;
  return [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, body), bytes.subarray(body)];
}

/** @param bytes 32 of them */
export function sealKeyOf(bytes: Buffer): SealKey {
  const id = createHash('sha256').update('understudy session seal').update(bytes).digest();
  return { id: id.subarray(0, ID_BYTES), bytes };
}
