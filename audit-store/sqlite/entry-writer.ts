/** Adds entries to the chain: a whole group in one transaction, all or none. */
import type { NewAuditEvent } from '../audit-store.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import { entryHash, GENESIS } from '../chain.ts';
import { eventMembers } from '../entry.ts';
import type { Connection } from './database.ts';
import { type Kept, privateFacts } from './private-facts.ts';
import type { PendingEntry, WriteResult } from './writer-messages.ts';

type Head = { readonly seq: number; readonly hash: Buffer; readonly high_at: number };
type Refs = { readonly actor: Kept; readonly subject: Kept; readonly origin: Kept | null };

const NO_ENTRY: Head = { seq: 0, hash: GENESIS, high_at: 0 };

/**
 * The writer remembers the end of the chain as it left it: an end that others have changed meanwhile is an error,
 * and nothing is added to it.
 */
export function entryWriter(connection: Connection, by: { readonly instance: string; readonly run: string }) {
  const facts = privateFacts(connection);
  const last = connection.prepare<[], Head>(
    'SELECT seq, hash, high_at FROM entries ORDER BY seq DESC LIMIT 1',
  );
  const insert = connection.prepare<
    [number, Buffer, string, number, number | null, number | null, number | null]
  >(
    `INSERT INTO entries (seq, hash, body, high_at, actor_ref, subject_ref, origin_ref) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
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

  function isRepeated(event: NewAuditEvent, completes: number | null): boolean {
    if (completes !== null && completed.get(completes) !== undefined) return true;
    if (event.event === 'start') return started.get(event.sessionId) !== undefined;
    return (event.event === 'stop' || event.event === 'expired') && ended.get(event.sessionId) !== undefined;
  }

  function add(
    head: Head,
    pending: PendingEntry,
    members: Readonly<Record<string, Json>>,
    refs: Refs | null,
  ): Head {
    const seq = head.seq + 1;
    const { instance, run } = by;
    const body = canonicalJson({ v: 1, seq, at: pending.at, kind: pending.kind, instance, run, ...members });
    const hash = entryHash(head.hash, body);
    const high = Math.max(head.high_at, pending.at);
    insert.run(
      seq,
      hash,
      body,
      high,
      refs?.actor.ref ?? null,
      refs?.subject.ref ?? null,
      refs?.origin?.ref ?? null,
    );
    return { seq, hash, high_at: high };
  }

  function addPending(head: Head, pending: PendingEntry): { head: Head; result: WriteResult } {
    if (pending.kind === 'recovery' || pending.kind === 'policy') {
      return written(add(head, pending, pending.facts, null));
    }
    const { event } = pending;
    const completes = pending.kind === 'event' ? pending.completes : null;
    if (completes !== null && intent.get(completes) === undefined) {
      return { head, result: { written: false, why: 'no_such_intent' } };
    }
    if (pending.kind === 'event' && isRepeated(event, completes)) {
      return { head, result: { written: false, why: 'repeated' } };
    }
    const refs: Refs = {
      actor: facts.person(event.actor),
      subject: facts.person(event.subject),
      origin: facts.origin(event),
    };
    const commitments = {
      actor: refs.actor.commitment,
      subject: refs.subject.commitment,
      origin: refs.origin?.commitment ?? null,
    };
    return written(add(head, pending, eventMembers(event, commitments, completes), refs));
  }

  const writeAll = connection.transaction((group: readonly PendingEntry[]) => {
    let head = last.get() ?? NO_ENTRY;
    if (left !== null && (left.seq !== head.seq || !left.hash.equals(head.hash))) {
      throw new Error(`entry ${left.seq}, the record's last, was changed by somebody else`);
    }
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
      const { head, results } = writeAll.immediate(group);
      left = head;
      return results;
    },
  };
}

function written(head: Head): { head: Head; result: WriteResult } {
  return { head, result: { written: true, seq: head.seq, hash: head.hash.toString('hex') } };
}
