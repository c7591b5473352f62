/** Adds entries to the chain: a whole group in one transaction that no other gateway's can run beside, all or none. */
import type { NewAuditEvent } from '../audit-store.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import { entryHash, GENESIS } from '../chain.ts';
import { eventMembers } from '../entry.ts';
import type { PendingEntry, WriteResult } from '../sqlite/writer-messages.ts';
import { type Connection, rows } from './database.ts';
import { keepFacts, type Refs } from './private-facts.ts';
import { readTaken } from './taken.ts';

type Head = { readonly seq: number; readonly hash: Buffer; readonly high_at: number };

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

const NO_ENTRY: Head = { seq: 0, hash: GENESIS, high_at: 0 };
/** Released by commit and rollback alone, and only after what was committed can be seen by whoever gets it next. */
const LOCK = `SELECT pg_advisory_xact_lock('entries'::regclass::oid::integer, 0)`;
const LAST = 'SELECT e.seq, e.hash, e.high_at FROM entries e ORDER BY e.seq DESC LIMIT 1';
const INSERT = `INSERT INTO entries (seq, hash, body, high_at, actor_ref, subject_ref, origin_ref)
  SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])`;

/** @param by which gateway, and which start of it, stands in each entry */
export function entryWriter(by: { readonly instance: string; readonly run: string }): EntryWriter {
  /** The last entry this writer saw; others go on from it and none may change it. */
  let left: Head | null = null;

  async function checkedHead(connection: Connection): Promise<Head> {
    const [[last], [counted], [kept]] = await Promise.all([
      rows<Head>(connection, LAST),
      rows<{ seq: number }>(connection, 'SELECT seq FROM written'),
      rows<{ hash: Buffer }>(connection, 'SELECT hash FROM entries WHERE seq = $1', [left?.seq ?? 0]),
    ]);
    const head = last ?? NO_ENTRY;
    const changed = left !== null && left.seq > 0 && kept?.hash.equals(left.hash) !== true ? left.seq : null;
    const cut = counted?.seq !== head.seq ? (counted?.seq ?? 0) : null;
    if (changed !== null || cut !== null)
      throw new Error(`entry ${changed ?? cut} of the record was changed by somebody else; see audit verify`);
    return head;
  }

  return {
    async write(connection, group, { doubt, isWanted, onCommit }) {
      try {
        // Sent together, answered one after the other: one way there and back.
        const begun = Promise.all([connection.query('BEGIN'), connection.query(LOCK)]);
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
          checkedHead(connection),
          readTaken(connection, group),
          keepFacts(connection, events),
        ]);
        const chain = linked(head, group, taken, refsOf, by);
        if (chain.links.length === 0) {
          await connection.query('ROLLBACK');
          return chain.results;
        }
        await connection.query(INSERT, columns(chain.links));
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

type Link = Head & { readonly body: string; readonly refs: Refs | null };

/** Each entry that may be written, hashed onto the one before. */
function linked(
  from: Head,
  group: readonly PendingEntry[],
  taken: Awaited<ReturnType<typeof readTaken>>,
  refsOf: (event: NewAuditEvent) => Refs,
  by: { readonly instance: string; readonly run: string },
): { readonly links: readonly Link[]; readonly results: readonly WriteResult[]; readonly head: Head } {
  const links: Link[] = [];
  let head = from;
  const add = (
    pending: PendingEntry,
    members: Readonly<Record<string, Json>>,
    refs: Refs | null,
  ): WriteResult => {
    const seq = head.seq + 1;
    const body = canonicalJson({ v: 1, seq, at: pending.at, kind: pending.kind, ...by, ...members });
    const link = {
      seq,
      body,
      refs,
      hash: entryHash(head.hash, body),
      high_at: Math.max(head.high_at, pending.at),
    };
    links.push(link);
    head = link;
    return { written: true, seq, hash: link.hash.toString('hex') };
  };
  const results = group.map((pending): WriteResult => {
    if (!('event' in pending)) return add(pending, pending.facts, null);
    const completes = pending.kind === 'event' ? pending.completes : null;
    const why = pending.kind === 'event' ? taken.refuses(pending.event, completes) : null;
    if (why !== null) return { written: false, why };
    const refs = refsOf(pending.event);
    const commitments = {
      actor: refs.actor.commitment,
      subject: refs.subject.commitment,
      origin: refs.origin?.commitment ?? null,
    };
    return add(pending, eventMembers(pending.event, commitments, completes), refs);
  });
  return { links, results, head: { seq: head.seq, hash: head.hash, high_at: head.high_at } };
}

function columns(links: readonly Link[]): unknown[] {
  return [
    links.map(({ seq }) => seq),
    links.map(({ hash }) => hash),
    links.map(({ body }) => body),
    links.map(({ high_at }) => high_at),
    links.map(({ refs }) => refs?.actor.ref ?? null),
    links.map(({ refs }) => refs?.subject.ref ?? null),
    links.map(({ refs }) => refs?.origin?.ref ?? null),
  ];
}
