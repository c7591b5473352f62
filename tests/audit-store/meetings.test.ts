// The story: a reviewer looks for what some managers did as some customers. Who ever met whom is noted beside the entries,
// so that people who never met are not looked for in millions of rows. It must not hide an entry, nor outlast one.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type AuditStore,
  type NewAuditEvent,
  openPostgresAuditStore,
  openSqliteAuditStore,
  prunePostgresRecord,
  pruneRecord,
  startCheckpointer,
  verifyPostgresRecord,
  verifyRecord,
} from '../../audit-store/index.ts';
import { openConnection } from '../../audit-store/sqlite/database.ts';
import { entryWriter } from '../../audit-store/sqlite/entry-writer.ts';
import { pageSeqs } from '../../audit-store/sqlite/event-query.ts';
import { openWriter } from '../../audit-store/sqlite/open-writer.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { signer } from './checkpoint-key.ts';
import { raw as rawPostgres } from './postgres-record.ts';
import { query, raw as rawSqlite } from './raw.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { hal, hill, max, mia, sam, sampleEvent, startEvent, valley } from './sample.ts';

const DAY = 86_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const asked = { by: 'ria', at: NOON + 100 * DAY };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

type Row = Readonly<Record<string, unknown>>;
type Kept = Awaited<ReturnType<(typeof KINDS)[number]['make']>>;

const KINDS = [
  {
    name: 'SQLite',
    make: async () => {
      const file = recordFile();
      return {
        open: (clock = testClock()): Promise<AuditStore> => openSqliteAuditStore({ file, clock }),
        run: async (sql: string) => rawSqlite(file, sql),
        read: async (sql: string): Promise<readonly Row[]> => query<Row>(file, sql),
        verify: () => verifyRecord(file),
        prune: (before: number) => pruneRecord(file, { before, decisionsOnly: false, asked }),
      };
    },
  },
  {
    name: 'PostgreSQL',
    make: async () => {
      const url = await server.schema();
      return {
        open: (clock = testClock()): Promise<AuditStore> => openPostgresAuditStore({ url, clock }),
        run: async (sql: string) => void (await rawPostgres(url, sql)),
        read: (sql: string): Promise<readonly Row[]> => rawPostgres(url, sql),
        verify: () => verifyPostgresRecord(url),
        prune: (before: number) => prunePostgresRecord(url, { before, decisionsOnly: false, asked }),
      };
    },
  },
] as const;

describe.each(KINDS)('in $name', ({ make }) => {
  async function opened() {
    const record = await make();
    const clock = testClock();
    const store = await record.open(clock);
    onTestFinished(() => store.close());
    return { ...record, clock, store };
  }

  const pairs = async ({ read }: Pick<Kept, 'read'>): Promise<readonly Row[]> =>
    read(`SELECT a.name AS actor, s.name AS subject, market_id AS market, kinds FROM meetings
      JOIN people a ON a.ref = actor_ref JOIN people s ON s.ref = subject_ref ORDER BY 1, 2, 3`);

  test('a row stands for all entries of two people in a market, with a bit for each kind', async () => {
    const made = await opened();
    for (const facts of [
      {},
      {},
      { event: 'blocked', outcome: 'blocked' },
      { subject: hal, market: hill },
      { actor: max, subject: hal, market: null },
    ] satisfies Partial<NewAuditEvent>[])
      await made.store.append(sampleEvent(facts));
    await made.store.intend(sampleEvent({ actor: max }));
    expect(await pairs(made)).toEqual([
      { actor: max.name, subject: hal.name, market: '', kinds: 1 << 8 },
      { actor: mia.name, subject: hal.name, market: hill.id, kinds: 1 << 8 },
      { actor: mia.name, subject: sam.name, market: valley.id, kinds: (1 << 8) | (1 << 13) },
    ]);
    expect(await made.verify()).toMatchObject({ ok: true });
  });

  test.each([
    ['is gone', 'DELETE FROM meetings'],
    ['lacks a kind', 'UPDATE meetings SET kinds = 1 WHERE kinds <> 1'],
    ['begins too late', 'UPDATE meetings SET first = 3'],
    ['ended too early', 'UPDATE meetings SET newest = newest - 4098'],
    ['is of another market', "UPDATE meetings SET market_id = 'other'"],
  ])('verifying names the first entry whose meeting %s', async (_what, sql) => {
    const made = await opened();
    await made.store.append(sampleEvent({ event: 'start', sessionId: 's9', actor: max, subject: hal }));
    await made.store.append(sampleEvent());
    await made.store.append(sampleEvent());
    const narrowed = `${sql} ${sql.includes('WHERE') ? 'AND' : 'WHERE'} subject_ref = (SELECT ref FROM people WHERE name = '${sam.name}')`;
    expect(await made.verify()).toMatchObject({ ok: true });
    await made.run(narrowed);
    expect(await made.verify()).toMatchObject({ ok: false, seq: 2, problem: 'meeting_missing' });
  });

  test('a meeting too many hides nothing, and is no problem', async () => {
    const made = await opened();
    await made.store.append(sampleEvent());
    await made.run("INSERT INTO meetings VALUES (77, 78, 'm', 1, 1, 1)");
    expect(await made.verify()).toMatchObject({ ok: true });
  });

  test('an entry far behind the last one that was noted is noted again', async () => {
    const made = await opened();
    await made.store.append(sampleEvent());
    for (let batch = 0; batch < 5; batch += 1)
      await Promise.all(Array.from({ length: 1000 }, () => made.store.append(sampleEvent({ subject: hal }))));
    await made.store.append(sampleEvent());
    const noted = await made.read(
      `SELECT newest FROM meetings WHERE subject_ref = (SELECT ref FROM people WHERE name = '${sam.name}')`,
    );
    expect(noted.map(({ newest }) => Number(newest))).toEqual([5002]);
    expect(await made.verify()).toMatchObject({ ok: true });
    const { events } = await made.store.events({ manager: 'mia', customer: 'sam' }, { limit: 5 });
    expect(events.map(({ seq }) => seq)).toEqual([5002, 1]);
  });

  test('pruning takes back who met in what was cut, and nothing else; who meets again is found again', async () => {
    const made = await opened();
    const { store, clock } = made;
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
    const session = async (id: string, subject: typeof sam, actions: readonly string[]): Promise<void> => {
      await store.append(startEvent(id, { subject }));
      for (const action of actions)
        await store.append(
          sampleEvent({
            sessionId: id,
            subject,
            action,
            ...(action === 'no' && { event: 'blocked', outcome: 'blocked' }),
          }),
        );
      await store.append(sampleEvent({ sessionId: id, subject, event: 'stop', action: 'stop_acting' }));
    };
    await session('old', hal, ['yes']);
    await session('old too', sam, ['yes', 'no']);
    await checkpointer.look(true);
    clock.set(NOON + 10 * DAY);
    await session('new', sam, ['yes']);
    await checkpointer.look(true);

    expect(await made.prune(NOON + DAY)).toMatchObject({ cut: { first: 1, last: 7 } });
    // Hal is not known by name any more either.
    const left = await made.read('SELECT market_id AS market, kinds, first FROM meetings');
    expect(left.map(({ market, kinds, first }) => [market, kinds, Number(first)])).toEqual([
      [valley.id, (1 << 0) | (1 << 4) | (1 << 8), 8],
    ]);
    await store.append(sampleEvent({ subject: hal }));
    await store.append(sampleEvent({ event: 'blocked', outcome: 'blocked' }));
    expect(await made.verify()).toMatchObject({ ok: true });
    const { events } = await store.events({ manager: 'mia', customer: 'hal' }, { limit: 5 });
    expect(events).toHaveLength(1);
    expect(
      (await store.events({ manager: 'mia', event: 'blocked', customer: 'sam' }, { limit: 5 })).events,
    ).toHaveLength(1);
  });
});

test('a group that is taken back leaves no meeting, and the next one notes it', () => {
  const file = recordFile();
  const connection = openWriter({ file, busyTimeoutMs: 100, maxBytes: null });
  onTestFinished(() => void connection.close());
  const writer = entryWriter(connection, { instance: 'test', run: 'r1' });
  const event = { kind: 'event', at: 1, event: sampleEvent(), completes: null } as const;
  const facts = { intents: 0, sessions: 0, settled: 0 };
  expect(() => writer.write([event, { kind: 'recovery', at: Number.NaN, facts }])).toThrow('NaN');
  const counted = connection.prepare<[], number>('SELECT count(*) FROM meetings').pluck();
  expect(counted.get()).toBe(0);
  writer.write([event]);
  expect(counted.get()).toBe(1);
});

test('two gateways on one PostgreSQL note the same meetings at the same time', async () => {
  const url = await server.schema();
  const stores = await Promise.all(
    [1, 2].map((n) => openPostgresAuditStore({ url, clock: testClock(), instanceId: `g${n}` })),
  );
  await Promise.all(
    stores.flatMap((store, gateway) =>
      Array.from({ length: 300 }, (_, n) => {
        const number = gateway === 0 ? n : 299 - n;
        return store.append(sampleEvent({ subject: { ...sam, id: `s${number}` } }));
      }),
    ),
  );
  await Promise.all(stores.map((store) => store.close()));
  expect(await rawPostgres(url, 'SELECT count(*)::integer AS n FROM meetings')).toEqual([{ n: 300 }]);
  expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 600 });
});

test('a record of an earlier version gets its meetings, in PostgreSQL beside its writers', async () => {
  const url = await server.schema();
  const options = { url, clock: testClock() };
  const older = await openPostgresAuditStore(options);
  await older.append(sampleEvent());
  await older.append(sampleEvent({ subject: hal }));
  await older.close();
  await rawPostgres(
    url,
    `DROP TRIGGER entries_meet ON entries; DROP FUNCTION note_meetings; DROP TABLE meetings;
     UPDATE record_version SET version = 5`,
  );
  const store = await openPostgresAuditStore(options);
  onTestFinished(() => store.close());
  await store.append(sampleEvent({ subject: hal }));
  await expect
    .poll(() => rawPostgres(url, "SELECT to_regclass('meetings_subject') IS NOT NULL AS filled"), {
      timeout: 15_000,
    })
    .toEqual([{ filled: true }]);
  expect(await rawPostgres(url, 'SELECT first::integer FROM meetings ORDER BY first')).toEqual([
    { first: 1 },
    { first: 2 },
  ]);
  expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 3 });
});

test('people who never met are not looked for among all the entries they have', async () => {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  const person = (kind: string, number: number) => ({
    ...sam,
    id: `${kind}${number}`,
    name: `${kind} n${number}`,
  });
  const sides = [
    ['red', 'blue'],
    ['green', 'grey'],
  ] as const;
  for (let first = 0; first < 6000; first += 600)
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => {
        const [actor, subject] = sides[index % 2] ?? sides[0];
        const number = Math.floor(index / 2) + (first % 1200 === 0 ? 0 : 300);
        return store.append(sampleEvent({ actor: person(actor, number), subject: person(subject, number) }));
      }),
    );
  await store.close();
  const connection = openConnection(file, { readOnly: true, busyTimeoutMs: 0 });
  onTestFinished(() => void connection.close());
  const asks: string[] = [];
  const watched = new Proxy(connection, {
    get(target, name) {
      if (name !== 'prepare')
        throw new Error(`a page is found by prepared statements, not by ${String(name)}`);
      return (sql: string) => {
        asks.push(sql);
        return target.prepare(sql);
      };
    },
  });
  expect(pageSeqs(watched, { manager: 'red', customer: 'grey' }, { limit: 50 })).toEqual([]);
  expect(asks.at(-1)).toContain('meetings');
  expect(pageSeqs(connection, { manager: 'red', customer: 'blue' }, { limit: 50 })).toHaveLength(51);
});
