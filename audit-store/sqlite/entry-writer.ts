/** Adds entries to the chain: a whole group in one transaction, all or none. */
import type { NewAuditEvent } from '../audit-store.ts';
import type { Head, WrittenBy } from '../chain-head.ts';
import { eventBody } from '../entry.ts';
import type { PendingEntry, WriteResult } from '../pending-entry.ts';
import { chainEnd, wentOnFrom } from './chain-end.ts';
import type { Connection } from './database.ts';
import { meetingNotes } from './meeting-notes.ts';
import { privateFacts } from './private-facts.ts';

/** Known by heart; what is not known is looked up. */
const MOST_OPEN = 10_000;

/**
 * The writer remembers the end of the chain as it left it: an end that others have changed meanwhile is an error,
 * and nothing is added to it. What commands of ours put behind it (see maintenance.ts) is followed.
 */
export function entryWriter(connection: Connection, by: WrittenBy) {
  const chain = chainEnd(connection, by);
  const facts = privateFacts(connection);
  const meetings = meetingNotes(connection);
  const started = connection
    .prepare<[string]>("SELECT 1 FROM entries WHERE session_id = ? AND kind = 'event' AND event = 'start'")
    .pluck();
  const ended = connection
    .prepare<[string]>(
      "SELECT 1 FROM entries WHERE session_id = ? AND kind = 'event' AND event IN ('stop', 'expired')",
    )
    .pluck();
  const intent = connection
    .prepare<[number]>("SELECT 1 FROM entries WHERE seq = ? AND kind = 'intent'")
    .pluck();
  const completed = connection.prepare<[number]>('SELECT 1 FROM entries WHERE completes = ?').pluck();

  let left: Head | null = null;
  /** Intents that this writer added and has not completed, by heart. */
  const open = new Set<number>();

  function isRepeated(event: NewAuditEvent, completes: number | null): boolean {
    if (completes !== null && !open.has(completes) && completed.get(completes) !== undefined) return true;
    if (event.event === 'start') return started.get(event.sessionId) !== undefined;
    return (event.event === 'stop' || event.event === 'expired') && ended.get(event.sessionId) !== undefined;
  }

  function addPending(head: Head, pending: PendingEntry): { head: Head; result: WriteResult } {
    if (pending.kind === 'recovery' || pending.kind === 'policy') {
      return written(chain.add(head, pending, (stamp) => ({ ...stamp, ...pending.facts }), null));
    }
    const { event } = pending;
    const completes = pending.kind === 'event' ? pending.completes : null;
    if (completes !== null && !open.has(completes) && intent.get(completes) === undefined) {
      return { head, result: { written: false, why: 'no_such_intent' } };
    }
    if (pending.kind === 'event' && isRepeated(event, completes)) {
      return { head, result: { written: false, why: 'repeated' } };
    }
    const actor = facts.person(event.actor);
    const subject = facts.person(event.subject);
    const origin = facts.origin(event);
    const commitments = {
      actor: actor.commitment,
      subject: subject.commitment,
      origin: origin?.commitment ?? null,
    };
    const refs = { actor: actor.ref, subject: subject.ref, origin: origin?.ref ?? null };
    const added = chain.add(head, pending, (stamp) => eventBody(stamp, event, commitments, completes), refs);
    if (pending.kind === 'intent') remember(added.seq);
    else {
      meetings.note(event, refs, added.seq);
      if (completes !== null) open.delete(completes);
    }
    return written(added);
  }

  function remember(seq: number): void {
    if (open.size >= MOST_OPEN) open.clear();
    open.add(seq);
  }

  function forget(): void {
    facts.forget();
    meetings.forget();
    open.clear();
  }

  const writeAll = connection.transaction((group: readonly PendingEntry[]) => {
    let head = chain.head();
    const moved = left !== null && (left.seq !== head.seq || !left.hash.equals(head.hash));
    if (left !== null && moved && !wentOnFrom(connection, left)) {
      throw new Error(`entry ${left.seq}, the record's last, was changed by somebody else`);
    }
    // A command of ours was here, and may have blanked whom we know by heart.
    if (moved) forget();
    const results: WriteResult[] = [];
    for (const pending of group) {
      const added = addPending(head, pending);
      head = added.head;
      results.push(added.result);
    }
    return { head, results };
  });

  return {
    write(group: readonly PendingEntry[]): readonly WriteResult[] {
      try {
        const { head, results } = writeAll.immediate(group);
        left = head;
        return results;
      } catch (error) {
        // Whoever was added is taken back with the rest.
        forget();
        throw error;
      }
    },
  };
}

function written(head: Head): { head: Head; result: WriteResult } {
  return { head, result: { written: true, seq: head.seq, hash: head.hash.toString('hex') } };
}
