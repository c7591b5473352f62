/** Compares checkpoints with the chain as it is walked, whatever database keeps it. */
import type { Finding } from './record-problem.ts';

/** A checkpoint whose signature was checked: the hash (lower-case hex) that entry `size` must have. */
export type SignedHead = { readonly size: number; readonly hash: string };

export type CheckpointComparison = {
  /** Asked of each entry in order; null when no checkpoint says otherwise. */
  entry(seq: number, hash: Buffer): Finding | null;
  /** Asked at the end: whether a checkpoint covers more than there is, up to `last`. */
  end(last: number): Finding | null;
  /** How many were found to agree so far. */
  agreed(): number;
};

/** @param heads in any order; two over the same entry are both compared. */
export function compareCheckpoints(heads: readonly SignedHead[]): CheckpointComparison {
  const ahead = heads.toSorted((a, b) => a.size - b.size);
  let next = 0;
  let agreed = 0;
  return {
    entry(seq, hash) {
      for (let head = ahead[next]; head !== undefined && head.size <= seq; head = ahead[next]) {
        // Entries before the first that is asked about are not here, and their checkpoints not compared.
        if (head.size === seq && head.hash !== hash.toString('hex')) {
          return {
            seq,
            problem: 'rewritten',
            detail: `a signed checkpoint over ${seq} entries names another hash: something up to here was rewritten`,
          };
        }
        next += 1;
        if (head.size === seq) agreed += 1;
      }
      return null;
    },
    end(last) {
      const beyond = ahead.at(-1);
      if (beyond === undefined || beyond.size <= last) return null;
      const detail = `a signed checkpoint covers ${beyond.size} entries`;
      return { seq: last + 1, problem: 'truncated', detail };
    },
    agreed: () => agreed,
  };
}

/** Of a checkpoint over entries that are not here any more, only another one kept here can tell that it is none of ours. */
export function contradiction(
  kept: readonly SignedHead[],
  given: readonly SignedHead[],
  absent: number,
): Finding | null {
  const hashes = new Map(kept.map(({ size, hash }) => [size, hash]));
  const other = given.find(
    ({ size, hash }) => size <= absent && hashes.has(size) && hashes.get(size) !== hash,
  );
  if (other === undefined) return null;
  const detail = `a signed checkpoint over ${other.size} entries differs from the one that is kept here`;
  return { seq: other.size, problem: 'rewritten', detail };
}
