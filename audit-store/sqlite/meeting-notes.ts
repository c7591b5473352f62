/** Notes who deals with whom while entries are added, and remembers what it noted: for most entries there is nothing to do. */
import type { NewAuditEvent } from '../audit-store.ts';
import { bitOf, LAG } from '../meetings.ts';
import type { EntryRefs } from './chain-end.ts';
import type { Connection } from './database.ts';

export type MeetingNotes = {
  /** Only inside the transaction that adds the event as entry `seq`. */
  note(event: NewAuditEvent, refs: EntryRefs, seq: number): void;
  /**
   * To be called when something may have been taken back or cut since. Only what was written after that is remembered, so
   * no pruning that is under way, which cuts older entries, takes a row back that is relied on.
   */
  forget(): void;
};

const MOST_KNOWN = 5_000;

export function meetingNotes(connection: Connection): MeetingNotes {
  const known = new Map<string, { readonly kinds: number; readonly newest: number }>();
  const add = connection.prepare<[number, number, string, number, number, number]>(
    `INSERT INTO meetings (actor_ref, subject_ref, market_id, kinds, first, newest) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (actor_ref, subject_ref, market_id) DO UPDATE SET kinds = kinds | excluded.kinds, newest = excluded.newest`,
  );
  return {
    note({ event, outcome, market }, { actor, subject }, seq) {
      const marketId = market?.id ?? '';
      const key = `${actor} ${subject} ${marketId}`;
      const bit = bitOf(event, outcome);
      const before = known.get(key);
      const kinds = before?.kinds ?? 0;
      if (before !== undefined && (kinds & bit) !== 0 && seq < before.newest + LAG) return;
      add.run(actor, subject, marketId, bit, seq, seq);
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(key, { kinds: kinds | bit, newest: seq });
    },
    forget() {
      known.clear();
    },
  };
}
