// The story: nobody may keep such a record for ever, and whoever can delete "what is old" can delete what is
// inconvenient. So only whole stretches go that were signed for, their hash and the checkpoints stay, the chain says who
// cut what, and verifying goes on from there.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  openSqliteAuditStore,
  pruneRecord,
  type SqliteAuditStore,
  startCheckpointer,
  verifyRecord,
} from '../../audit-store/index.ts';
import { signer, verifiersOf } from './checkpoint-key.ts';
import { query, raw, tamper } from './raw.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { hal, sampleEvent, startEvent } from './sample.ts';

const DAY = 86_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function opened(file = recordFile()) {
  const clock = testClock(NOON);
  const store = await openSqliteAuditStore({ file, clock });
  onTestFinished(() => store.close());
  const checkpointer = startCheckpointer({
    store,
    signer,
    senders: [],
    everyRows: 1_000_000,
    everyMs: 1e15,
    lookEveryMs: 3_600_000,
    clock,
    log: silent,
  });
  await checkpointer.look();
  return { file, clock, store, checkpointer };
}

/** One session a day for so many days, five entries each; a checkpoint at each day's end. */
async function days(made: Awaited<ReturnType<typeof opened>>, count: number): Promise<void> {
  for (let day = 0; day < count; day += 1) {
    made.clock.set(NOON + day * DAY);
    await session(made.store, `d${day}`);
    await made.checkpointer.look(true);
  }
}

async function session(store: SqliteAuditStore, sessionId: string): Promise<void> {
  await store.append(startEvent(sessionId));
  const event = sampleEvent({ sessionId });
  await store.append(event, await store.intend(event));
  await store.append(sampleEvent({ sessionId, subject: { ...hal, name: `Hal of ${sessionId}` } }));
  await store.append(sampleEvent({ sessionId, event: 'stop', action: 'stop_acting' }));
}

const prune = (file: string, before: number, decisionsOnly = false) =>
  pruneRecord(file, { before, decisionsOnly, asked: { by: 'ria', at: NOON + 100 * DAY } });

const seqs = (file: string) =>
  query<{ seq: number }>(file, 'SELECT seq FROM entries ORDER BY seq').map(({ seq }) => seq);

describe('pruning', () => {
  test('cuts what is older up to a checkpoint, keeps its hash, and says so on the chain', async () => {
    const made = await opened();
    const { file, store } = made;
    await days(made, 4);
    const [tenth] = query<{ hash: string }>(
      file,
      'SELECT lower(hex(hash)) AS hash FROM entries WHERE seq = 10',
    );
    const before = NOON + 2 * DAY;
    expect(await prune(file, before)).toEqual({
      cut: { first: 1, last: 10, hash: tenth?.hash },
      decisions: 0,
      kept: 'newer',
    });
    expect(seqs(file)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    const [said] = query<{ body: string }>(file, 'SELECT body FROM entries WHERE seq = 21');
    expect(JSON.parse(said?.body ?? '')).toMatchObject({
      kind: 'pruning',
      first: 1,
      last: 10,
      hash: tenth?.hash,
      before,
      decisions: 0,
      asked_by: 'ria',
    });
    // The gateway goes on, and so does verifying, from the hash that was kept.
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 22 });
    expect(await verifyRecord(file, { verifiersOf })).toMatchObject({
      ok: true,
      entries: 22,
      absent: 10,
      checkpoints: 2,
    });
    expect((await store.events({}, { limit: 100 })).events.at(-1)).toMatchObject({ seq: 11 });
  });

  test('can be done again, and a record that was pruned opens again', async () => {
    const made = await opened();
    await days(made, 4);
    await prune(made.file, NOON + DAY);
    await made.checkpointer.look(true);
    expect(await prune(made.file, NOON + 3 * DAY)).toMatchObject({ cut: { first: 6, last: 15 } });
    await made.store.close();
    const { store } = await opened(made.file);
    expect(await store.recover(() => false)).toEqual({ intents: 0, sessions: 0 });
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 23 });
    expect(await verifyRecord(made.file)).toMatchObject({ ok: true, entries: 23, absent: 15 });
  });

  test('of everything there is leaves the entry that says so', async () => {
    const made = await opened();
    await days(made, 2);
    expect(await prune(made.file, NOON + 50 * DAY)).toMatchObject({ cut: { last: 10 } });
    expect(seqs(made.file)).toEqual([11]);
    expect(await made.store.append(sampleEvent())).toMatchObject({ seq: 12 });
    expect(await verifyRecord(made.file)).toMatchObject({ ok: true, entries: 12, absent: 10 });
  });

  test('refuses what no checkpoint covers', async () => {
    const made = await opened();
    await days(made, 1);
    await session(made.store, 'later');
    expect(await prune(made.file, NOON + 9 * DAY)).toMatchObject({
      cut: { last: 5 },
      kept: 'not_checkpointed',
    });
    expect(await prune(made.file, NOON + 9 * DAY)).toMatchObject({ cut: null, kept: 'not_checkpointed' });
  });

  test.each([
    ['a session', (store: SqliteAuditStore) => store.append(startEvent('open'))],
    ['an intent', (store: SqliteAuditStore) => store.intend(sampleEvent({ sessionId: 'd0' }))],
  ])('refuses what has %s in it that has not ended', async (_what, begin) => {
    const made = await opened();
    await days(made, 1);
    await begin(made.store);
    await days(made, 0);
    await session(made.store, 'later');
    await made.checkpointer.look(true);
    expect(await prune(made.file, NOON + 9 * DAY)).toMatchObject({ cut: { last: 5 }, kept: 'open' });
    expect(seqs(made.file)[0]).toBe(6);
  });

  test('blanks the people and addresses whom nothing names any more, and nobody else', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.file, NOON + 2 * DAY);
    const names = query<{ name: string }>(
      made.file,
      'SELECT name FROM people WHERE name IS NOT NULL ORDER BY name',
    );
    expect(names.map(({ name }) => name)).toEqual(['Hal of d2', 'Mia Moreno', 'Sam Éclair']);
    expect(await verifyRecord(made.file)).toMatchObject({ ok: true });
  });

  test('of the finer trace goes by age alone, and is on the chain as well', async () => {
    const made = await opened();
    const { file, store } = made;
    await days(made, 1);
    for (const at of [NOON, NOON + DAY, NOON + 2 * DAY])
      store.note({
        at,
        sessionId: 'd0',
        side: 'acting',
        requestId: 'r',
        method: 'GET',
        path: '/',
        effect: 'allow',
        rule: null,
        reason: 'otherwise_reads',
        statusCode: 200,
      });
    await expect.poll(async () => (await store.session('d0')).decisions.length).toBe(3);
    expect(await prune(file, NOON + 2 * DAY, true)).toMatchObject({ cut: null, decisions: 2 });
    expect((await store.session('d0')).decisions.map(({ at }) => at)).toEqual([NOON + 2 * DAY]);
    expect(seqs(file)).toEqual([1, 2, 3, 4, 5, 6]);
    const [said] = query<{ body: string }>(file, 'SELECT body FROM entries WHERE seq = 6');
    expect(JSON.parse(said?.body ?? '')).toMatchObject({ kind: 'pruning', last: 0, decisions: 2 });
    expect(await verifyRecord(file)).toMatchObject({ ok: true, absent: 0 });
  });

  test('that was cut off half-way is finished by the next, and verifies meanwhile', async () => {
    const made = await opened();
    await days(made, 3);
    // As the command leaves it when it dies after it said what it was going to do.
    await prune(made.file, NOON + 2 * DAY);
    tamper(
      made.file,
      `INSERT INTO entries (seq, hash, body, high_at) SELECT 10, hash, replace(body, '"seq":12', '"seq":10'), 0 FROM entries WHERE seq = 12;
       UPDATE sqlite_sequence SET seq = 16`,
    );
    expect(seqs(made.file)[0]).toBe(10);
    expect(await verifyRecord(made.file)).toMatchObject({ ok: true, absent: 10 });
    expect(await prune(made.file, NOON)).toMatchObject({ cut: null });
    expect(seqs(made.file)[0]).toBe(11);
  });

  test('goes on beside a gateway that writes, which is refused nothing', async () => {
    const made = await opened();
    const { store } = made;
    await Promise.all(Array.from({ length: 3000 }, () => store.append(sampleEvent({ sessionId: 'old' }))));
    await made.checkpointer.look(true);
    made.clock.set(NOON + DAY);
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) await store.append(sampleEvent({ sessionId: 'new' }));
    })();
    expect(await prune(made.file, NOON + 1)).toMatchObject({ cut: { first: 1, last: 3000 } });
    over.abort();
    await writing;
    expect(seqs(made.file)[0]).toBe(3001);
    expect(await verifyRecord(made.file)).toMatchObject({ ok: true, absent: 3000 });
  });
});

describe('there is no other way round the triggers', () => {
  const stretch = (last: number, hash = `(SELECT hash FROM entries WHERE seq = ${last})`) =>
    `INSERT INTO stretches (first_seq, last_seq, hash, high_at, why)
     VALUES (1, ${last}, ${hash}, (SELECT high_at FROM entries WHERE seq = ${last}), 'pruned')`;
  test.each([
    ['a deletion', 'DELETE FROM entries WHERE seq = 1'],
    ['a stretch that the chain says nothing of', `${stretch(5)}; DELETE FROM entries WHERE seq <= 5`],
    ['a stretch that no checkpoint ends', `${stretch(4)}; DELETE FROM entries WHERE seq <= 4`],
    ['a stretch with another hash', stretch(5, 'zeroblob(32)')],
    ['an entry put aside into another file', stretch(5).replace('pruned', 'rotated')],
    ['a stretch for a reason of its own', stretch(5).replace('pruned', 'other')],
  ])('by %s', async (_what, sql) => {
    const made = await opened();
    await days(made, 2);
    expect(() => raw(made.file, sql)).toThrow(/never|only/);
    expect(seqs(made.file)).toHaveLength(10);
  });

  test('after a pruning either: what was not named stays, and the stretch itself does', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.file, NOON + DAY);
    for (const sql of [
      'DELETE FROM entries WHERE seq = 6',
      'DELETE FROM stretches',
      'UPDATE stretches SET last_seq = 10',
      "INSERT INTO entries (seq, hash, body, high_at) VALUES (3, x'00', '{}', 0)",
    ])
      expect(() => raw(made.file, sql)).toThrow(/never|only/);
  });
});

describe('the walk names', () => {
  test.each([
    [
      'a beginning that was cut off without a word',
      `INSERT INTO stretches SELECT 5, 1, hash, high_at, 'pruned' FROM entries WHERE seq = 5;
       DELETE FROM entries WHERE seq <= 5`,
      1,
      'missing',
    ],
    ['a beginning that is gone', 'DELETE FROM entries WHERE seq <= 5', 1, 'missing'],
  ])('%s', async (_what, sql, seq, problem) => {
    const made = await opened();
    await days(made, 2);
    tamper(made.file, sql);
    expect(await verifyRecord(made.file)).toMatchObject({ ok: false, seq, problem });
  });

  test('a kept hash that was altered', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.file, NOON + DAY);
    tamper(made.file, 'UPDATE stretches SET hash = zeroblob(32)');
    expect(await verifyRecord(made.file)).toMatchObject({ ok: false, seq: 6, problem: 'altered' });
  });

  test('a checkpoint from elsewhere over what was pruned that differs from the one kept here', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.file, NOON + DAY);
    const other = [{ size: 5, hash: 'ab'.repeat(32) }];
    expect(await verifyRecord(made.file, { checkpoints: other })).toMatchObject({
      seq: 5,
      problem: 'rewritten',
    });
  });
});
