/** Checks what is kept beside the chain: that checkpoints say what was signed, and that what was cut was cut by the rules. */
import type { EntryBody } from './check-entry.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { SignedHead } from './checkpoint-comparison.ts';
import type { Finding } from './record-problem.ts';
import { openNote, type VerifiersOf } from './signed-note.ts';

export type CheckpointRow = { readonly seq: number; readonly hash: Buffer; readonly note: string };

export type KeptCheckpoints = { readonly heads: readonly SignedHead[]; readonly finding: Finding | null };

/**
 * Without verifiers only what the notes say is read, and not who signed them.
 *
 * @param rows in the order of seq
 */
export function checkKept(rows: Iterable<CheckpointRow>, verifiersOf: VerifiersOf | null): KeptCheckpoints {
  const heads: SignedHead[] = [];
  for (const { seq, hash, note } of rows) {
    const text =
      verifiersOf === null ? note.slice(0, note.lastIndexOf('\n\n') + 1) : openNote(note, verifiersOf);
    const said = text === null ? null : parseCheckpoint(text);
    if (said === null || said.size !== seq || said.hash !== hash.toString('hex')) {
      const detail =
        text === null
          ? `the checkpoint over ${seq} entries is not signed by a key that was given`
          : `the checkpoint over ${seq} entries says something else than its note`;
      return { heads, finding: { seq, problem: 'checkpoint_altered', detail } };
    }
    heads.push({ size: said.size, hash: said.hash });
  }
  return { heads, finding: null };
}

export type CutChecker = {
  /** Shown each entry that is here. */
  entry(seq: number, body: EntryBody): void;
  /** At the end: whether an entry of the chain says of everything up to `absent`, which is not here, where it went. */
  end(absent: Absent): Finding | null;
};

export type Absent = { readonly seq: number; readonly hash: Buffer; readonly why: string };

/** Whoever cuts the beginning off and makes a stretch of it has to say so on the chain, which is what checkpoints cover. */
export function cutChecker(): CutChecker {
  const said = new Set<string>();
  return {
    entry(seq, { kind, last, counted, hash }) {
      if (kind === 'pruning') said.add(`pruned ${last} ${hash}`);
      if (kind === 'rotation' && seq - 1 === counted) said.add(`rotated ${counted} ${hash}`);
    },
    end({ seq, hash, why }) {
      if (seq === 0 || said.has(`${why} ${seq} ${hash.toString('hex')}`)) return null;
      const detail = `entries 1 to ${seq} are not here, and no entry says why`;
      return { seq: 1, problem: 'missing', detail };
    },
  };
}
