/** The end of the chain: where it is, and how entries are put behind it by whoever holds the record's lock. */
import { canonicalJson, type Json } from '../canonical-json.ts';
import { entryHash } from '../chain.ts';
import type { Stamp } from '../entry.ts';
import { BEGINNING, type Beginning, type Head, type WrittenBy } from '../chain-head.ts';
import { type Connection, rows } from './database.ts';
import type { Refs } from './private-facts.ts';

/** An entry, hashed onto the one before. */
export type Link = Head & { readonly body: string; readonly refs: Refs | null };

/** Released by commit and rollback alone, and only after what was committed can be seen by whoever gets it next. */
export const LOCK = `SELECT pg_advisory_xact_lock('entries'::regclass::oid::integer, 0)`;

const LAST = 'SELECT e.seq, e.hash, e.high_at FROM entries e ORDER BY e.seq DESC LIMIT 1';
const LEFT = `SELECT (SELECT hash FROM entries WHERE seq = $1) AS hash,
  EXISTS (SELECT 1 FROM stretches WHERE last_seq >= $1) AS pruned`;
const INSERT = `INSERT INTO entries (seq, hash, body, high_at, actor_ref, subject_ref, origin_ref)
  SELECT * FROM unnest($1::bigint[], $2::bytea[], string_to_array($3, E'\\n'), $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])`;

/**
 * What the next entry follows. Rejects where entries are missing at the end, or where the one that `left` says, the last
 * that the caller saw, was changed; that it was pruned since is no change.
 */
export async function checkedHead(connection: Connection, left: Head | null): Promise<Head> {
  const [[last], [counted], [kept]] = await Promise.all([
    rows<Head>(connection, LAST),
    rows<{ seq: number }>(connection, 'SELECT seq FROM written'),
    rows<{ hash: Buffer | null; pruned: boolean }>(connection, LEFT, [left?.seq ?? 0]),
  ]);
  const head = last ?? BEGINNING;
  const sound = left === null || left.seq === 0 || (kept?.hash?.equals(left.hash) ?? kept?.pruned ?? false);
  const changed = sound ? null : left.seq;
  const cut = counted?.seq !== head.seq ? (counted?.seq ?? 0) : null;
  if (changed !== null || cut !== null)
    throw new Error(`entry ${changed ?? cut} of the record was changed by somebody else; see audit verify`);
  return head;
}

/** What the first entry that is here follows: nothing, or the last one that was pruned. */
export async function beginning(connection: Connection): Promise<Beginning> {
  const [stretch] = await rows<Head>(
    connection,
    'SELECT last_seq AS seq, hash, high_at FROM stretches ORDER BY last_seq DESC LIMIT 1',
  );
  return stretch === undefined ? BEGINNING : { ...stretch, why: 'pruned' };
}

export function linkOnto(
  head: Head,
  by: WrittenBy,
  { kind, at }: { readonly kind: string; readonly at: number },
  bodyOf: (stamp: Stamp) => Json,
  refs: Refs | null,
): Link {
  const seq = head.seq + 1;
  const { instance, run } = by;
  const body = canonicalJson(bodyOf({ v: 1, seq, at, kind, instance, run }));
  return { seq, body, refs, hash: entryHash(head.hash, body), high_at: Math.max(head.high_at, at) };
}

export async function insertLinks(connection: Connection, links: readonly Link[]): Promise<void> {
  await connection.query(INSERT, [
    links.map(({ seq }) => seq),
    links.map(({ hash }) => hash),
    // A line feed stands in no canonical JSON; as a list each of its quotes would be escaped.
    links.map(({ body }) => body).join('\n'),
    links.map(({ high_at }) => high_at),
    links.map(({ refs }) => refs?.actor.ref ?? null),
    links.map(({ refs }) => refs?.subject.ref ?? null),
    links.map(({ refs }) => refs?.origin?.ref ?? null),
  ]);
}
