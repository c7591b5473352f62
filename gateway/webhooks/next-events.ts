/** Reads the record forward from a cursor: the record is durable already, and so it is the outbox. */
import type { AuditEvent, AuditStore } from '../../audit-store/index.ts';

export type NextEvents = {
  /** Oldest first; possibly none, where this stretch of the record holds other entries. */
  readonly events: readonly AuditEvent[];
  /** How far the record was read: the cursor once all of these are dealt with. */
  readonly upTo: number;
};

const STRETCH = 100;

/**
 * Null at the end of the record. A stretch holds no more entries than numbers, so no event in it is missed; of a record that
 * is shorter than the cursor, because it was put back from a copy, the end is where it goes on.
 */
export async function nextEvents(
  audit: Pick<AuditStore, 'events' | 'head'>,
  after: number,
): Promise<NextEvents | null> {
  const { seq } = await audit.head();
  if (seq === after) return null;
  if (seq < after) return { events: [], upTo: seq };
  const upTo = Math.min(seq, after + STRETCH);
  const { events } = await audit.events({}, { beforeSeq: upTo + 1, limit: STRETCH });
  return { events: events.filter((event) => event.seq > after).toReversed(), upTo };
}
