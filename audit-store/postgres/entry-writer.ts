/** Adds entries to the chain: a whole group in one transaction that no other gateway's can run beside, all or none. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NewAuditEvent } from '../audit-store.ts';
import type { Json } from '../canonical-json.ts';
import { eventBody, type Stamp } from '../entry.ts';
import type { Head, WrittenBy } from '../chain-head.ts';
import type { PendingEntry, WriteResult } from '../pending-entry.ts';
import { checkedHead, insertLinks, type Link, linkOnto, LOCK } from './chain-end.ts';
import { type Connection, rows } from './database.ts';
import { keepFacts, type Refs } from './private-facts.ts';
import { readTaken } from './taken.ts';

/** Entries hashed in one turn of the event loop: about half a millisecond. */
const AT_ONCE = 32;

/** A commit whose acknowledgement was lost: whether it holds is seen by whether its first entry is there. */
export type Doubt = {
  readonly seq: number;
  readonly hash: Buffer;
  readonly results: readonly WriteResult[];
  readonly head: Head;
};

export type EntryWriter = {
  /**
   * Rejects when nothing of the group was written or, after `onCommit` was called, when that cannot be known. Given
   * the doubt of an earlier attempt it first looks whether that one holds; then it is the answer. Null, and nothing
   * written, where it is not wanted any more by the time it would be committed.
   */
  write(
    connection: Connection,
    group: readonly PendingEntry[],
    attempt: {
      readonly doubt: Doubt | null;
      readonly isWanted: () => boolean;
      readonly onCommit: (doubt: Doubt) => void;
    },
  ): Promise<readonly WriteResult[] | null>;
};

/** @param by which gateway, and which start of it, stands in each entry */
export function entryWriter(by: WrittenBy): EntryWriter {
  /** The last entry this writer saw; others go on from it and none may change it. */
  let left: Head | null = null;

  return {
    async write(connection, group, { doubt, isWanted, onCommit }) {
      try {
        // Sent together, answered one after the other: one way there and back.
        const begun = Promise.all([connection.query('BEGIN'), connection.query(LOCK)]);
        // Whoever got an answer to the group before is still at it; that the lock is refused is heard below.
        begun.catch(() => undefined);
        await nextTurn();
        if (doubt !== null) {
          await begun;
          const held = await rows<{ hash: Buffer }>(connection, 'SELECT hash FROM entries WHERE seq = $1', [
            doubt.seq,
          ]);
          if (held[0]?.hash.equals(doubt.hash) === true) {
            await connection.query('ROLLBACK');
            left = doubt.head;
            return doubt.results;
          }
        }
        const events = group.flatMap((pending) => ('event' in pending ? [pending.event] : []));
        const [, head, taken, refsOf] = await Promise.all([
          begun,
          checkedHead(connection, left),
          readTaken(connection, group),
          keepFacts(connection, events),
        ]);
        const chain = await linked(head, group, taken, refsOf, by);
        if (chain.links.length === 0) {
          await connection.query('ROLLBACK');
          return chain.results;
        }
        await nextTurn();
        await insertLinks(connection, chain.links);
        if (!isWanted()) {
          await connection.query('ROLLBACK');
          return null;
        }
        const [first] = chain.links;
        if (first) onCommit({ seq: first.seq, hash: first.hash, results: chain.results, head: chain.head });
        const committed = await connection.query('COMMIT');
        if (committed.command !== 'COMMIT') throw new Error('PostgreSQL did not commit the entries');
        left = chain.head;
        return chain.results;
      } catch (error) {
        await connection.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
  };
}

/** Each entry that may be written, hashed onto the one before; the event loop has its turns meanwhile. */
async function linked(
  from: Head,
  group: readonly PendingEntry[],
  taken: Awaited<ReturnType<typeof readTaken>>,
  refsOf: (event: NewAuditEvent) => Refs,
  by: WrittenBy,
): Promise<{
  readonly links: readonly Link[];
  readonly results: readonly WriteResult[];
  readonly head: Head;
}> {
  const links: Link[] = [];
  let head = from;
  const add = (pending: PendingEntry, body: (stamp: Stamp) => Json, refs: Refs | null): WriteResult => {
    const link = linkOnto(head, by, pending, body, refs);
    links.push(link);
    head = link;
    return { written: true, seq: link.seq, hash: link.hash.toString('hex') };
  };
  const write = (pending: PendingEntry): WriteResult => {
    if (!('event' in pending)) return add(pending, (stamp) => ({ ...stamp, ...pending.facts }), null);
    const completes = pending.kind === 'event' ? pending.completes : null;
    const why = pending.kind === 'event' ? taken.refuses(pending.event, completes) : null;
    if (why !== null) return { written: false, why };
    const refs = refsOf(pending.event);
    const commitments = {
      actor: refs.actor.commitment.toString('hex'),
      subject: refs.subject.commitment.toString('hex'),
      origin: refs.origin?.commitment.toString('hex') ?? null,
    };
    return add(pending, (stamp) => eventBody(stamp, pending.event, commitments, completes), refs);
  };
  const results: WriteResult[] = [];
  for (const pending of group) {
    if (results.length % AT_ONCE === AT_ONCE - 1) await nextTurn();
    results.push(write(pending));
  }
  return { links, results, head: { seq: head.seq, hash: head.hash, high_at: head.high_at } };
}
