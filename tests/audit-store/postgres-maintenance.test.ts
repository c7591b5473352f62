// The story: several gateways write to one record when a shopper asks to be forgotten and the year's end asks for last
// year's entries to go. Nobody stops a gateway for it, nobody may delete what is merely inconvenient, and the chain,
// shorter by a signed stretch and without her name, still verifies.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  erasePostgresPerson,
  openPostgresAuditStore,
  type PostgresAuditStore,
  prunePostgresRecord,
  startCheckpointer,
  verifyPostgresRecord,
} from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { signer, verifiersOf } from './checkpoint-key.ts';
import { raw, tamper } from './postgres-record.ts';
import { NOON, testClock } from './record-folder.ts';
import { hal, mia, sam, sampleEvent, startEvent } from './sample.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

const DAY = 86_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function opened(place?: string) {
  const url = place ?? (await server.schema());
  const clock = testClock(NOON);
  const store = await openPostgresAuditStore({ url, clock });
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
  return { url, clock, store, checkpointer };
}
type Opened = Awaited<ReturnType<typeof opened>>;

/** One session a day for so many days, five entries each; a checkpoint at each day's end. */
async function days(made: Opened, count: number): Promise<void> {
  for (let day = 0; day < count; day += 1) {
    made.clock.set(NOON + day * DAY);
    await session(made.store, `d${day}`);
    await made.checkpointer.look(true);
  }
}

async function session(store: PostgresAuditStore, sessionId: string): Promise<void> {
  await store.append(startEvent(sessionId));
  const event = sampleEvent({ sessionId });
  await store.append(event, await store.intend(event));
  await store.append(sampleEvent({ sessionId, subject: { ...hal, name: `Hal of ${sessionId}` } }));
  await store.append(sampleEvent({ sessionId, event: 'stop', action: 'stop_acting' }));
}

/** As gateways do while a command works: writes without a pause until told to stop, and says how often. */
function writing(store: PostgresAuditStore): { stop(): Promise<number> } {
  const over = new AbortController();
  const done = (async () => {
    let written = 0;
    for (; !over.signal.aborted; written += 1) await store.append(sampleEvent({ sessionId: 'new' }));
    return written;
  })();
  return {
    stop() {
      over.abort();
      return done;
    },
  };
}

const erase = (url: string, person: string) =>
  erasePostgresPerson(url, { person, reason: 'request 17', asked: { by: 'ria', at: NOON + 5_000 } });
const prune = (url: string, before: number, decisionsOnly = false) =>
  prunePostgresRecord(url, { before, decisionsOnly, asked: { by: 'ria', at: NOON + 100 * DAY } });
const seqs = async (url: string) =>
  (await raw(url, 'SELECT seq::integer FROM entries ORDER BY seq')).map(({ seq }) => seq);

describe('an erased person', () => {
  test('is gone from every row, keeps their id and what was done, and it is on the record', async () => {
    const { url, store } = await opened();
    await store.append(startEvent('s1'));
    await store.append(sampleEvent({ subject: { ...sam, name: 'Sam Eclair-Smith' } }));
    await store.append(sampleEvent({ actor: sam, subject: mia, ipAddress: '198.51.100.99' }));
    expect(await erase(url, sam.id)).toEqual({ found: true, people: 2, origins: 1, purged: true });

    const kept = JSON.stringify(
      await raw(url, 'SELECT p::text FROM people p UNION ALL SELECT o::text FROM origins o'),
    );
    for (const secret of ['Sam', 'sam@valley.example', '198.51.100.99']) expect(kept).not.toContain(secret);
    expect(kept).toContain('mia@valley.example');
    const { events } = await store.events({}, { limit: 1 });
    expect(events[0]).toMatchObject({ actor: { id: '10', name: '', email: '' }, ipAddress: null });
    const [said] = await raw(url, "SELECT body FROM entries WHERE kind = 'erasure'");
    expect(JSON.parse(String(said?.['body']))).toMatchObject({
      at: NOON + 5_000,
      person: '10',
      people: 2,
      origins: 1,
      asked_by: 'ria',
      reason: 'request 17',
    });
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 4 });
  });

  test('is erased once, in steps where there is much, and nobody who is not there is', async () => {
    const { url, store } = await opened();
    await Promise.all(
      Array.from({ length: 1100 }, (_, i) => store.append(sampleEvent({ userAgent: `Browser/${i}` }))),
    );
    expect(await erase(url, mia.id)).toMatchObject({ people: 1, origins: 1100 });
    expect(await erase(url, mia.id)).toMatchObject({ found: true, people: 0, origins: 0 });
    expect(await erase(url, '%')).toEqual({ found: false });
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 1103 });
  });

  test('is told of honestly while a long transaction elsewhere can still read the older row', async () => {
    const { url, store } = await opened();
    await store.append(startEvent('s1'));
    const reader = 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM people; SELECT pg_sleep(60)';
    const reading = raw(url, reader).catch(String);
    await expect
      .poll(() => server.asSuperuser(`SELECT 1 FROM pg_stat_activity WHERE query = '${reader}'`))
      .not.toEqual([]);
    expect(await erase(url, sam.id)).toMatchObject({ people: 1, purged: false });
    await server.asSuperuser(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = '${reader}'`,
    );
    expect(await reading).toContain('terminat');
    expect(await erase(url, sam.id)).toMatchObject({ people: 0, purged: true });
  }, 30_000);

  test('disturbs no gateway that writes meanwhile', async () => {
    const { url, store } = await opened();
    for (let i = 0; i < 5; i += 1) await store.append(sampleEvent({ subject: { ...hal, id: `c${i}` } }));
    const other = writing(store);
    for (let i = 0; i < 5; i += 1) expect(await erase(url, `c${i}`)).toMatchObject({ people: 1 });
    const written = await other.stop();
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 10 + written });
  });
});

describe('pruning', () => {
  test('cuts what is older up to a checkpoint, keeps its hash, says so, and the gateway goes on', async () => {
    const made = await opened();
    const { url, store } = made;
    await days(made, 4);
    const [tenth] = await raw(url, "SELECT encode(hash, 'hex') AS hash FROM entries WHERE seq = 10");
    const cut = { first: 1, last: 10, hash: tenth?.['hash'] };
    expect(await prune(url, NOON + 2 * DAY)).toEqual({ cut, decisions: 0, kept: 'newer' });
    expect(await seqs(url)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    const [said] = await raw(url, 'SELECT body FROM entries WHERE seq = 21');
    expect(JSON.parse(String(said?.['body']))).toMatchObject({ kind: 'pruning', ...cut, asked_by: 'ria' });
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 22 });
    expect(await verifyPostgresRecord(url, { verifiersOf })).toMatchObject({
      ok: true,
      entries: 22,
      absent: 10,
      checkpoints: 2,
    });
    expect((await store.events({}, { limit: 100 })).events.at(-1)).toMatchObject({ seq: 11 });
    const names = await raw(url, "SELECT name FROM people WHERE name LIKE 'Hal of%' ORDER BY name");
    expect(names.map(({ name }) => name)).toEqual(['Hal of d2', 'Hal of d3']);
  });

  test('can be done again, of everything too, and a record that was pruned opens again', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.url, NOON + DAY);
    await made.checkpointer.look(true);
    // The gateway's own last entry is among what is cut.
    expect(await prune(made.url, NOON + 99 * DAY)).toMatchObject({ cut: { first: 6, last: 15 } });
    expect(await made.store.append(sampleEvent())).toMatchObject({ seq: 18 });
    await made.store.close();
    const { store } = await opened(made.url);
    expect(await store.recover(() => false)).toEqual({ intents: 0, sessions: 0 });
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 19 });
    expect(await verifyPostgresRecord(made.url)).toMatchObject({ ok: true, entries: 19, absent: 15 });
  });

  test('leaves what no checkpoint covers, what has not ended, and what was written a moment ago', async () => {
    const made = await opened();
    await days(made, 1);
    await made.store.append(startEvent('open'));
    await session(made.store, 'later');
    expect(await prune(made.url, NOON + 9 * DAY)).toMatchObject({ cut: { last: 5 }, kept: 'open' });
    await made.store.append(sampleEvent({ sessionId: 'open', event: 'stop', action: 'stop_acting' }));
    expect(await prune(made.url, NOON + 9 * DAY)).toMatchObject({ cut: null, kept: 'not_checkpointed' });
    await made.checkpointer.look(true);
    const justNow = { by: 'ria', at: NOON + 30_000 };
    const soon = { before: NOON + 30_000, decisionsOnly: false, asked: justNow };
    expect(await prunePostgresRecord(made.url, soon)).toMatchObject({ cut: null, kept: 'newer' });
  });

  test('goes on beside gateways that write, which are refused nothing, and beside a walk', async () => {
    const made = await opened();
    await Promise.all(
      Array.from({ length: 3000 }, () => made.store.append(sampleEvent({ sessionId: 'old' }))),
    );
    await made.checkpointer.look(true);
    made.clock.set(NOON + DAY);
    const gateways = [writing(made.store), writing((await opened(made.url)).store)];
    const [pruned, walked] = await Promise.all([prune(made.url, NOON + 1), verifyPostgresRecord(made.url)]);
    expect(pruned).toMatchObject({ cut: { first: 1, last: 3000 } });
    expect(walked).toMatchObject({ ok: true });
    for (const gateway of gateways) expect(await gateway.stop()).toBeGreaterThan(0);
    expect((await seqs(made.url))[0]).toBe(3001);
    expect(await verifyPostgresRecord(made.url)).toMatchObject({ ok: true, absent: 3000 });
  });

  test('that was cut off half-way verifies meanwhile, and is finished by the next', async () => {
    const made = await opened();
    await days(made, 2);
    const [fifth] = await raw(
      made.url,
      "SELECT body, encode(hash, 'hex') AS hash FROM entries WHERE seq = 5",
    );
    await prune(made.url, NOON + DAY);
    await tamper(
      made.url,
      `INSERT INTO entries (seq, hash, body, high_at)
       VALUES (5, '\\x${String(fifth?.['hash'])}', '${String(fifth?.['body'])}', ${NOON})`,
    );
    expect(await verifyPostgresRecord(made.url)).toMatchObject({ ok: true, absent: 5 });
    expect(await prune(made.url, NOON)).toMatchObject({ cut: null });
    expect((await seqs(made.url))[0]).toBe(6);
  });
});

describe('there is no other way round the triggers', () => {
  const stretch = (last: number, hash = `(SELECT hash FROM entries WHERE seq = ${last})`) =>
    `INSERT INTO stretches (first_seq, last_seq, hash, high_at)
     VALUES (1, ${last}, ${hash}, (SELECT high_at FROM entries WHERE seq = ${last}))`;
  test.each([
    ['a deletion', 'DELETE FROM entries WHERE seq = 1'],
    ['a stretch that the chain says nothing of', `${stretch(5)}; DELETE FROM entries WHERE seq <= 5`],
    ['a stretch that no checkpoint ends', `${stretch(4)}; DELETE FROM entries WHERE seq <= 4`],
    ['a stretch with another hash', stretch(5, `'\\x00'`)],
  ])('by %s', async (_what, sql) => {
    const made = await opened();
    await days(made, 2);
    await expect(raw(made.url, sql)).rejects.toThrow(/never|only/);
    expect(await seqs(made.url)).toHaveLength(10);
  });

  test('after a pruning either: what was not named stays, and the stretch itself does', async () => {
    const made = await opened();
    await days(made, 2);
    await prune(made.url, NOON + DAY);
    for (const sql of [
      'DELETE FROM entries WHERE seq = 6',
      'DELETE FROM stretches',
      'UPDATE stretches SET last_seq = 10',
      'TRUNCATE stretches',
      'TRUNCATE entries',
    ])
      await expect(raw(made.url, sql)).rejects.toThrow(/never|only/);
  });
});

describe('the walk names', () => {
  test.each([
    [
      'a beginning that was cut off without a word',
      `INSERT INTO stretches SELECT 5, 1, hash, high_at FROM entries WHERE seq = 5;
       DELETE FROM entries WHERE seq <= 5`,
      { seq: 1, problem: 'missing' },
    ],
    ['a beginning that is gone', 'DELETE FROM entries WHERE seq <= 5', { seq: 1, problem: 'missing' }],
  ])('%s', async (_what, sql, finding) => {
    const made = await opened();
    await days(made, 2);
    await tamper(made.url, sql);
    expect(await verifyPostgresRecord(made.url)).toMatchObject({ ok: false, ...finding });
  });

  test('a kept hash that was altered, and a checkpoint from elsewhere over what was pruned', async () => {
    const made = await opened();
    await days(made, 3);
    await prune(made.url, NOON + DAY);
    const other = [{ size: 5, hash: 'ab'.repeat(32) }];
    expect(await verifyPostgresRecord(made.url, { checkpoints: other })).toMatchObject({
      seq: 5,
      problem: 'rewritten',
    });
    await tamper(made.url, `UPDATE stretches SET hash = '\\x00'`);
    expect(await verifyPostgresRecord(made.url)).toMatchObject({ seq: 6, problem: 'altered' });
  });

  test('a trigger that was given the work of another, which refuses less', async () => {
    const { url } = await opened();
    await raw(
      url,
      `DO $do$ BEGIN EXECUTE 'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS '
        || (SELECT quote_literal(prosrc) FROM pg_proc WHERE proname = 'only_blanked'
            AND pronamespace = current_schema()::regnamespace); END $do$`,
    );
    expect(await verifyPostgresRecord(url)).toMatchObject({ seq: 0, problem: 'schema_altered' });
  });
});

test('a database without a record gets none by a command', async () => {
  const url = await server.schema();
  await expect(erase(url, '1')).rejects.toThrow(/^the record postgres:.*cannot be changed: there is none$/);
  expect(await raw(url, 'SELECT 1 FROM pg_tables WHERE schemaname = current_schema()')).toEqual([]);
});
