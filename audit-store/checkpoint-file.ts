/** Reads checkpoints that were kept elsewhere, one signed note after the other, and believes only what is signed. */
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { openNote, type VerifiersOf } from './signed-note.ts';

/** Text lines, an empty line, signature lines. */
const NOTE = /(?:[^\n]+\n)+\n(?:— [^\n]*\n)+/gu;

export type CheckpointsRead =
  | { readonly ok: true; readonly checkpoints: readonly Checkpoint[] }
  | { readonly ok: false; readonly problem: string };

/** Everything in the text has to be a checkpoint that one of the keys signed. */
export function readCheckpoints(text: string, verifiersOf: VerifiersOf): CheckpointsRead {
  const checkpoints: Checkpoint[] = [];
  let read = 0;
  for (const match of text.matchAll(NOTE)) {
    const line = lineAt(text, match.index);
    if (text.slice(read, match.index).trim() !== '') return bad(lineAt(text, read), 'is no signed note');
    read = match.index + match[0].length;
    const opened = openNote(match[0], verifiersOf);
    if (opened === null) return bad(line, 'is not signed by a key that was given');
    const checkpoint = parseCheckpoint(opened);
    if (checkpoint === null) return bad(line, 'is signed, but no checkpoint');
    checkpoints.push(checkpoint);
  }
  // What a crash cut off while it was being added tells nothing, and is no reason to distrust the rest.
  return { ok: true, checkpoints };
}

function bad(line: number, what: string): CheckpointsRead {
  return { ok: false, problem: `what begins in line ${line} ${what}` };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
