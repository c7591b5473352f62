/** Checks one entry against the one before it, and its columns against what was hashed. */
import { z } from 'zod';
import { entryHash } from './chain.ts';
import type { Finding, RecordProblem } from './record-problem.ts';

export type EntryRow = {
  readonly seq: number;
  readonly hash: Buffer;
  readonly body: string;
  readonly high_at: number;
  readonly actor_ref: number | null;
  readonly subject_ref: number | null;
  readonly origin_ref: number | null;
  readonly kind: string;
  readonly at: number;
  readonly event: string | null;
  readonly outcome: string | null;
  readonly session_id: string | null;
  readonly market_id: string | null;
  readonly completes: number | null;
};

export const ENTRY_COLUMNS = `seq, hash, body, high_at, actor_ref, subject_ref, origin_ref,
  kind, at, event, outcome, session_id, market_id, completes`;

const committed = z.object({ id: z.string(), commitment: z.string() }).optional();

/** The members that columns are computed from; absent ones read as null. */
const bodyShape = z.looseObject({
  seq: z.number(),
  at: z.number(),
  kind: z.string(),
  event: z.string().nullable().default(null),
  outcome: z.string().nullable().default(null),
  session_id: z.string().nullable().default(null),
  market: z.object({ id: z.string() }).nullable().default(null),
  completes: z.number().nullable().default(null),
  actor: committed,
  subject: committed,
  origin: z.string().nullable().default(null),
  /** Of prunings and rotations: what is not here, and the hash of its last entry. */
  last: z.number().optional(),
  counted: z.number().optional(),
  hash: z.string().optional(),
});

export type EntryBody = z.infer<typeof bodyShape>;

/** Where the walk stands: what the next entry has to follow. */
export type Place = { readonly seq: number; readonly hash: Buffer; readonly highAt: number };

export type Checked =
  | { readonly ok: true; readonly body: EntryBody; readonly place: Place }
  | { readonly ok: false; readonly finding: Finding };

export function checkEntry(row: EntryRow, before: Place): Checked {
  const expected = before.seq + 1;
  if (row.seq !== expected) return bad(expected, 'missing', `the next entry there is has seq ${row.seq}`);

  const body = parseBody(row.body);
  if (!entryHash(before.hash, row.body).equals(row.hash)) {
    return body && body.seq !== row.seq
      ? bad(row.seq, 'reordered', `the entry at this place was written as number ${body.seq}`)
      : bad(row.seq, 'altered', `the hash does not follow from entry ${before.seq} and this entry's content`);
  }
  if (!body) return bad(row.seq, 'altered', 'the content is not of the canonical form');
  if (body.seq !== row.seq) return bad(row.seq, 'reordered', `the entry was written as number ${body.seq}`);

  const highAt = Math.max(before.highAt, body.at);
  const pairs: readonly (readonly [column: string, found: unknown, meant: unknown])[] = [
    ['high_at', row.high_at, highAt],
    ['kind', row.kind, body.kind],
    ['at', row.at, body.at],
    ['event', row.event, body.event],
    ['outcome', row.outcome, body.outcome],
    ['session_id', row.session_id, body.session_id],
    ['market_id', row.market_id, body.market?.id ?? null],
    ['completes', row.completes, body.completes],
  ];
  const wrong = pairs.find(([, found, meant]) => found !== meant);
  if (wrong) return bad(row.seq, 'altered', `the column ${wrong[0]} is not what was hashed`);
  return { ok: true, body, place: { seq: row.seq, hash: row.hash, highAt } };
}

function bad(seq: number, problem: RecordProblem, detail: string): Checked {
  return { ok: false, finding: { seq, problem, detail } };
}

function parseBody(text: string): EntryBody | null {
  try {
    return bodyShape.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
