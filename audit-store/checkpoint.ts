/** What a checkpoint says: that the record of this origin had so many entries, and the hash of the last one. */

/*
 * The text has the three lines of c2sp.org/tlog-checkpoint: origin, size, base64 of 32 bytes. The record is a chain and
 * no Merkle tree, so the third line is the chain's hash of entry number `size` (see chain.ts) instead of a tree's root: signatures are
 * checked with any tool for signed notes, the hash by walking the record.
 */

export type Checkpoint = {
  readonly origin: string;
  /** The seq of the last entry that is covered. */
  readonly size: number;
  /** Of that entry; lower-case hex. */
  readonly hash: string;
};

export function checkpointText({ origin, size, hash }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(hash, 'hex').toString('base64')}\n`;
}

/** Null when the text is no checkpoint. Lines after the third are allowed by the format, and mean nothing here. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [, origin = '', size = '', root = ''] =
    /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text) ?? [];
  if (origin === '' || !Number.isSafeInteger(Number(size))) return null;
  return { origin, size: Number(size), hash: Buffer.from(root, 'base64').toString('hex') };
}
