/** Walks the whole record on a connection of its own and names the first thing that is not as it was written. */
import { BEGINNING, type Beginning } from '../chain-head.ts';
import { type CheckpointRow, checkKept, cutChecker } from '../check-checkpoints.ts';
import { checkEntry, ENTRY_COLUMNS, type EntryRow, type Place } from '../check-entry.ts';
import { factChecker, type OriginRow, type PersonRow } from '../check-facts.ts';
import { compareCheckpoints, contradiction } from '../checkpoint-comparison.ts';
import { untoldMeeting } from '../meetings.ts';
import type { VerifyOptions, VerifyResult } from '../verification.ts';
import { beginning } from './chain-end.ts';
import { checkSchema } from './check-schema.ts';
import { lastEverSeq } from './check-tail.ts';
import { connect, type Connection, type OwnConnection, rows } from './database.ts';
import { describeFailure } from './failure.ts';
import { meetingChecker } from './meeting-check.ts';
import { placeOf } from './place.ts';

const PAGE = 500;
const PATIENCE_MS = 60_000;

/** Promises what SQLite's does, in short transactions that each see one state; gateways may go on writing meanwhile. */
export async function verifyPostgresRecord(url: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const connection = await open(url);
  try {
    return await walk(connection, options);
  } finally {
    await connection.close();
  }
}

async function open(url: string): Promise<OwnConnection> {
  try {
    return await connect({ url, patienceMs: PATIENCE_MS });
  } catch (error) {
    throw new Error(`the record ${placeOf(url)} cannot be opened: ${describeFailure(error)}`, {
      cause: error,
    });
  }
}

async function walk(connection: Connection, options: VerifyOptions): Promise<VerifyResult> {
  let from: Beginning = BEGINNING;
  let place: Place = { seq: 0, hash: from.hash, highAt: 0 };
  try {
    const kept = checkKept(
      await rows<CheckpointRow>(connection, 'SELECT seq, hash, note FROM checkpoints ORDER BY seq'),
      options.verifiersOf ?? null,
    );
    if (kept.finding) return { ok: false, ...kept.finding };
    const given = options.checkpoints ?? [];
    const checkpoints = compareCheckpoints([...kept.heads, ...given]);
    const cuts = cutChecker();
    const people = new Map<number, PersonRow>();
    const origins = new Map<number, OriginRow>();
    const checkFacts = factChecker({ person: (ref) => people.get(ref), origin: (ref) => origins.get(ref) });
    const untoldOf = meetingChecker(connection);
    const seen = { people: new Set<number>(), origins: new Set<number>() };
    for (;;) {
      const page = await readPage(connection, place.seq, seen, untoldOf);
      from = page.from;
      // Also what was pruned since the last page.
      if (from.seq > place.seq) place = { seq: from.seq, hash: from.hash, highAt: from.high_at };
      people.clear();
      origins.clear();
      for (const person of page.people) people.set(person.ref, person);
      for (const origin of page.origins) origins.set(origin.ref, origin);
      for (const row of page.entries) {
        if (row.seq <= from.seq) continue;
        const checked = checkEntry(row, place);
        if (!checked.ok) return { ok: false, ...checked.finding };
        const wrong = checkFacts(row, checked.body) ?? checkpoints.entry(row.seq, row.hash);
        if (wrong) return { ok: false, ...wrong };
        if (row.seq === page.untold) return { ok: false, ...untoldMeeting(row.seq) };
        cuts.entry(row.seq, checked.body);
        place = checked.place;
      }
      options.onProgress?.(place.seq, page.counted);
      if (page.entries.length === PAGE) continue;
      if (place.seq < page.counted) {
        const detail = `entries up to ${page.counted} were written`;
        return { ok: false, seq: place.seq + 1, problem: 'truncated', detail };
      }
      if (place.seq > page.counted) {
        const detail = "the record's count of entries was set back";
        return { ok: false, seq: 0, problem: 'schema_altered', detail };
      }
      const wrong =
        contradiction(kept.heads, given, from.seq) ??
        checkpoints.end(place.seq) ??
        cuts.end(from) ??
        (await checkSchema(connection));
      if (wrong) return { ok: false, ...wrong };
      const lastHash = place.hash.toString('hex');
      const [entries, absent] = [place.seq, from.seq];
      return { ok: true, entries, absent, lastHash, checkpoints: checkpoints.agreed() };
    }
  } catch (error) {
    return { ok: false, seq: place.seq + 1, problem: 'unreadable', detail: describeFailure(error) };
  }
}

type RecordPage = {
  readonly from: Beginning;
  readonly entries: readonly EntryRow[];
  readonly people: readonly (PersonRow & { readonly ref: number })[];
  readonly origins: readonly (OriginRow & { readonly ref: number })[];
  readonly counted: number;
  /** The first of the entries of whose people no meeting tells. */
  readonly untold: number | null;
};

/** With those people and origins that no earlier page had. */
async function readPage(
  connection: Connection,
  after: number,
  seen: { readonly people: Set<number>; readonly origins: Set<number> },
  untoldOf: ReturnType<typeof meetingChecker>,
): Promise<RecordPage> {
  await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const from = await beginning(connection);
    const entries = await rows<EntryRow>(
      connection,
      `SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`,
      [after],
    );
    const sides = entries.flatMap(({ actor_ref, subject_ref }) => [actor_ref, subject_ref]);
    const [people, origins, counted] = await Promise.all([
      rows<RecordPage['people'][number]>(connection, 'SELECT * FROM people WHERE ref = ANY ($1::bigint[])', [
        unseen(sides, seen.people),
      ]),
      rows<RecordPage['origins'][number]>(
        connection,
        'SELECT * FROM origins WHERE ref = ANY ($1::bigint[])',
        [
          unseen(
            entries.map(({ origin_ref }) => origin_ref),
            seen.origins,
          ),
        ],
      ),
      lastEverSeq(connection),
    ]);
    const untold = await untoldOf(entries.filter(({ seq }) => seq > from.seq));
    return { from, entries, people, origins, counted, untold };
  } finally {
    await connection.query('COMMIT').catch(() => undefined);
  }
}

function unseen(refs: readonly (number | null)[], seen: Set<number>): readonly number[] {
  const found = new Set(refs.filter((ref) => ref !== null && !seen.has(ref)));
  const fresh = [...found].filter((ref) => ref !== null);
  for (const ref of fresh) seen.add(ref);
  return fresh;
}
