/** How far a record that may be damaged can be read and believed. */
import { GENESIS } from '../chain.ts';
import { beginning } from './chain-end.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { lastEverSeq } from './check-tail.ts';
import { type Connection, openConnection } from './database.ts';
import { describeFailure } from './failure.ts';

export type SoundPart = {
  /** The last entry up to which everything follows from what stands before. */
  readonly last: number;
  readonly hash: Buffer;
  readonly highAt: number;
  /** The highest number that was ever given to an entry, as far as can be told; at least `last`. */
  readonly counted: number;
  /** What is wrong behind it; null when nothing is. */
  readonly problem: string | null;
};

/** Reads only, and throws nothing: a file that is no record has no sound part. */
export function soundPart(file: string): SoundPart {
  let place: Place = { seq: 0, hash: GENESIS, highAt: 0 };
  let counted = 0;
  let problem: string | null = null;
  let connection: Connection | null = null;
  try {
    connection = openConnection(file, { readOnly: true, busyTimeoutMs: 0 });
    counted = lastEverSeq(connection);
    const from = beginning(connection);
    place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
    const rows = connection
      .prepare<[number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq`)
      .iterate(place.seq);
    for (const row of rows) {
      const checked = checkEntry(row, place);
      if (!checked.ok) {
        const { finding } = checked;
        problem = `entry ${finding.seq} is ${finding.problem}: ${finding.detail}`;
        break;
      }
      place = checked.place;
    }
  } catch (error) {
    problem = describeFailure(error);
  } finally {
    connection?.close();
  }
  if (problem === null && counted > place.seq) problem = `entry ${place.seq + 1} is truncated`;
  return {
    last: place.seq,
    hash: place.hash,
    highAt: place.highAt,
    counted: Math.max(counted, place.seq),
    problem,
  };
}
