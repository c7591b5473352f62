/** The end of the chain in one database: where it is, and how one more entry is put behind it. */
import { canonicalJson, type Json } from '../canonical-json.ts';
import { entryHash } from '../chain.ts';
import { BEGINNING, type Beginning, type Head, type WrittenBy } from '../chain-head.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow } from '../check-entry.ts';
import type { Stamp } from '../entry.ts';
import type { Connection } from './database.ts';

/** Rows beside the chain that the entry is bound to, for joins. */
export type EntryRefs = {
  readonly actor: number;
  readonly subject: number;
  readonly origin: number | null;
};

export type ChainEnd = {
  /** What the next entry follows. */
  head(): Head;
  /** Only inside a transaction that read `head` as well. */
  add(
    head: Head,
    entry: { readonly kind: string; readonly at: number },
    body: (stamp: Stamp) => Json,
    refs: EntryRefs | null,
  ): Head;
};

/** Kinds that a command may add while a gateway has the record open. */
const BY_COMMANDS = new Set(['erasure', 'pruning']);

export function chainEnd(connection: Connection, { instance, run }: WrittenBy): ChainEnd {
  const last = connection.prepare<[], Head>(
    'SELECT seq, hash, high_at FROM entries ORDER BY seq DESC LIMIT 1',
  );
  const insert = connection.prepare<
    [number, Buffer, string, number, number | null, number | null, number | null]
  >(
    `INSERT INTO entries (seq, hash, body, high_at, actor_ref, subject_ref, origin_ref) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  return {
    head: () => last.get() ?? beginning(connection),
    add(head, { kind, at }, bodyOf, refs) {
      const seq = head.seq + 1;
      const body = canonicalJson(bodyOf({ v: 1, seq, at, kind, instance, run }));
      const hash = entryHash(head.hash, body);
      const high = Math.max(head.high_at, at);
      insert.run(seq, hash, body, high, refs?.actor ?? null, refs?.subject ?? null, refs?.origin ?? null);
      return { seq, hash, high_at: high };
    },
  };
}

/** What the first entry that is here follows: nothing, or the last one that was pruned or stands in another file. */
export function beginning(connection: Connection): Beginning {
  const stretch = connection
    .prepare<[], Beginning>(
      'SELECT last_seq AS seq, hash, high_at, why FROM stretches ORDER BY last_seq DESC LIMIT 1',
    )
    .get();
  return stretch ?? BEGINNING;
}

/** Whether everything behind `left`, if anything, is what commands add there, and follows from it. */
export function wentOnFrom(connection: Connection, left: Head): boolean {
  const rows = connection
    .prepare<[number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq >= ? ORDER BY seq`)
    .all(left.seq);
  const own = rows[0]?.seq === left.seq ? rows.shift() : undefined;
  // What was pruned meanwhile was checkpointed: the kept hash stands in for it.
  const from = own === undefined ? beginning(connection) : left;
  if (own === undefined ? from.seq < left.seq : !own.hash.equals(left.hash)) return false;
  let place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
  for (const row of rows) {
    if (row.seq <= from.seq) continue;
    const checked = checkEntry(row, place);
    if (!checked.ok || !BY_COMMANDS.has(checked.body.kind)) return false;
    place = checked.place;
  }
  return true;
}
