/** What whoever has a record verified may ask for, and is told, whatever database keeps it. */
import type { SignedHead } from './checkpoint-comparison.ts';
import type { Finding } from './record-problem.ts';
import type { VerifiersOf } from './signed-note.ts';

export type VerifyResult =
  | {
      readonly ok: true;
      /** The seq of the last entry; the first `absent` of them were pruned, or stand in an older file. */
      readonly entries: number;
      readonly absent: number;
      /** Lower-case hex; 64 zeros for an empty record. */
      readonly lastHash: string;
      /** How many checkpoints, kept beside the chain or given, were compared with it. */
      readonly checkpoints: number;
    }
  | ({ readonly ok: false } & Finding);

export type VerifyOptions = {
  /** Told after each page how far the walk is and how far it goes. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checkpoints that were kept elsewhere, their signatures checked (see checkpoint-file.ts). */
  readonly checkpoints?: readonly SignedHead[];
  /** Whose signature the checkpoints beside the chain must bear; without them only what they say is compared. */
  readonly verifiersOf?: VerifiersOf;
};
