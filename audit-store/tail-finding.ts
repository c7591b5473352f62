/** A quick look at the end of the chain, enough to see an accident and not a history. */
import type { Head } from './chain-head.ts';
import { checkEntry, type EntryRow, type Place } from './check-entry.ts';
import type { Finding } from './record-problem.ts';

/** So many entries are checked, and the one before them is where that starts from. */
export const TAIL = 1000;

/**
 * The first bad entry among the last {@link TAIL}, or null.
 *
 * @param newest the last `TAIL + 1` there are, oldest first
 * @param counted the highest seq ever given out, by the database's own count
 * @param beginsAfter what the first entry that is here follows
 */
export function tailFinding(newest: readonly EntryRow[], counted: number, beginsAfter: Head): Finding | null {
  const last = newest.at(-1)?.seq ?? beginsAfter.seq;
  if (last < counted)
    return { seq: last + 1, problem: 'truncated', detail: `entries up to ${counted} were written` };
  // The oldest row read is where the check starts from, unless it is the very first.
  const from = newest.length > TAIL ? (newest[0] ?? beginsAfter) : beginsAfter;
  let place: Place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
  for (const row of newest) {
    // Also what was pruned, and is not deleted yet.
    if (row.seq <= from.seq) continue;
    const checked = checkEntry(row, place);
    if (!checked.ok) return checked.finding;
    place = checked.place;
  }
  return null;
}

/** The one line that keeps a record with such an end from being added to. */
export function tailError({ seq, problem, detail }: Finding): Error {
  return new Error(`entry ${seq} of the record is ${problem}: ${detail}; see audit verify`);
}
