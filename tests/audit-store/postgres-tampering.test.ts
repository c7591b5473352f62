// The story: someone with the gateway's own password wants one row of the record to be other than it was written. They
// switch the triggers off, do it, and switch them on again. The walk names the first row that is not right.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  openPostgresAuditStore,
  openSqliteAuditStore,
  verifyPostgresRecord,
} from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { raw, tamper } from './postgres-record.ts';
import { query } from './raw.ts';
import { recordFile, testClock } from './record-folder.ts';
import { hal, max, sampleEvent, startEvent } from './sample.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

/** Six entries: start, three actions, another manager's action, stop. */
const EVENTS = [
  startEvent('s1'),
  ...['a2', 'a3', 'a4'].map((action) => sampleEvent({ action })),
  sampleEvent({ sessionId: 's2', actor: max, subject: hal, action: 'a5' }),
  sampleEvent({ event: 'stop', action: 'stop_acting' }),
];

async function written(): Promise<string> {
  const url = await server.schema();
  const store = await openPostgresAuditStore({ url, clock: testClock() });
  for (const event of EVENTS) await store.append(event);
  await store.close();
  return url;
}

describe('an untouched record', () => {
  test('verifies, has no person in the chain, and is checked by hand as one in SQLite is', async () => {
    const url = await written();
    const chain = await raw(url, 'SELECT hash, body FROM entries ORDER BY seq');
    let before = Buffer.alloc(32);
    for (const { hash, body } of chain) {
      before = createHash('sha256').update(before).update(String(body)).digest();
      expect(hash).toEqual(before);
      for (const secret of ['Mia', 'mia@', 'Sam', 'sam@', '203.0.113.7', 'Mozilla'])
        expect(body).not.toContain(secret);
    }
    expect(await verifyPostgresRecord(url)).toEqual({
      ok: true,
      entries: 6,
      absent: 0,
      checkpoints: 0,
      lastHash: before.toString('hex'),
    });
  });

  test('has, but for its salts and its run, the very bodies that SQLite has', async () => {
    const url = await written();
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    for (const event of EVENTS) await store.append(event);
    await store.close();
    const shape = (body: unknown) => String(body).replaceAll(/[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '#');
    const here = await raw(url, 'SELECT body FROM entries ORDER BY seq');
    const there = query<{ body: string }>(file, 'SELECT body FROM entries ORDER BY seq');
    expect(here.map(({ body }) => shape(body))).toEqual(there.map(({ body }) => shape(body)));
  });
});

describe('the triggers', () => {
  test.each([
    ['changing an entry', "UPDATE entries SET body = replace(body, 'a3', 'xx') WHERE seq = 3"],
    ['deleting an entry', 'DELETE FROM entries WHERE seq = 3'],
    ['emptying the table', 'TRUNCATE entries'],
    [
      'adding an entry with a gap',
      'INSERT INTO entries (seq, hash, body, high_at) SELECT 9, hash, body, high_at FROM entries WHERE seq = 3',
    ],
    ['renaming a person', "UPDATE people SET name = 'Nobody'"],
    ['blanking half a person', 'UPDATE people SET name = NULL'],
    [
      'moving a person to another id',
      "UPDATE people SET id = '99', salt = NULL, name = NULL, email = NULL, search = NULL",
    ],
    ['deleting a person', 'DELETE FROM people'],
    ['changing an address', "UPDATE origins SET ip_address = '192.0.2.1'"],
    ['deleting addresses', 'TRUNCATE origins'],
    ['forgetting how many there were', 'DELETE FROM written'],
    ['a checkpoint of another hash', "INSERT INTO checkpoints VALUES (3, '\\x00', 0, '')"],
  ])('refuse %s', async (_title, sql) => {
    const url = await written();
    await expect(raw(url, sql)).rejects.toThrow(/never|only/);
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true });
  });

  test('let a person be blanked as a whole, and the chain stays whole', async () => {
    const url = await written();
    await raw(url, "UPDATE people SET salt = NULL, name = NULL, email = NULL, search = NULL WHERE id = '10'");
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 6 });
    const store = await openPostgresAuditStore({ url, clock: testClock() });
    onTestFinished(() => store.close());
    expect((await store.events({ customer: 'sam' }, { limit: 10 })).events).toEqual([]);
    expect((await store.events({}, { limit: 1 })).events[0]?.subject).toEqual({
      id: '10',
      name: '',
      email: '',
    });
  });

  test('and the unique indexes refuse a second start and a second end', async () => {
    const url = await written();
    for (const seq of [1, 6]) {
      const again = `INSERT INTO entries (seq, hash, body, high_at) SELECT 7, hash, body, high_at FROM entries WHERE seq = ${seq}`;
      await expect(raw(url, again)).rejects.toThrow('unique');
    }
  });
});

describe('the walk names', () => {
  test.each([
    ['an altered entry', "UPDATE entries SET body = replace(body, 'a3', 'xx') WHERE seq = 3", 3, 'altered'],
    [
      'the very first entry',
      "UPDATE entries SET body = replace(body, 'phone', 'fax') WHERE seq = 1",
      1,
      'altered',
    ],
    [
      'the very last entry',
      "UPDATE entries SET body = replace(body, 'stop_acting', 'x') WHERE seq = 6",
      6,
      'altered',
    ],
    ['an altered hash', "UPDATE entries SET hash = '\\x00' WHERE seq = 4", 4, 'altered'],
    ['a deleted entry', 'DELETE FROM entries WHERE seq = 3', 3, 'missing'],
    ['deleted last entries', 'DELETE FROM entries WHERE seq >= 5', 5, 'truncated'],
    ['everything deleted', 'DELETE FROM entries', 1, 'truncated'],
    [
      'a closed gap',
      'DELETE FROM entries WHERE seq = 3; UPDATE entries SET seq = seq - 1 WHERE seq = 4',
      3,
      'reordered',
    ],
    ['a renamed person', "UPDATE people SET name = 'Nobody' WHERE id = '2'", 5, 'person_altered'],
    ['a person hidden from searches', "UPDATE people SET search = '' WHERE id = '20'", 5, 'person_altered'],
    ['half a person blanked', "UPDATE people SET email = NULL WHERE id = '2'", 5, 'person_altered'],
    ['a deleted person', "DELETE FROM people WHERE id = '20'", 5, 'person_altered'],
    [
      'an entry given to another person',
      "UPDATE entries SET actor_ref = (SELECT ref FROM people WHERE id = '2') WHERE seq = 4",
      4,
      'person_altered',
    ],
    [
      'an altered address',
      "UPDATE origins SET ip_address = '192.0.2.1' WHERE person_id = '2'",
      5,
      'origin_altered',
    ],
    [
      'an entry moved in time for searches',
      'UPDATE entries SET high_at = high_at + 1 WHERE seq = 2',
      2,
      'altered',
    ],
    ['a count that was set back', 'UPDATE written SET seq = 2', 0, 'schema_altered'],
  ])('%s', async (_title, sql, seq, problem) => {
    const url = await written();
    await tamper(url, sql);
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: false, seq, problem });
  });

  test.each([
    [
      'columns that are not computed any more',
      'DROP TRIGGER entries_computed ON entries',
      'trigger entries_computed is gone',
    ],
    ['a missing trigger', 'DROP TRIGGER entries_no_change ON entries', 'trigger entries_no_change is gone'],
    [
      'a trigger that sleeps',
      'ALTER TABLE entries DISABLE TRIGGER entries_no_change',
      'trigger entries_no_change was changed',
    ],
    [
      'a trigger that refuses nothing',
      'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
      'was changed',
    ],
    [
      'a trigger of somebody else',
      'CREATE TRIGGER x AFTER INSERT ON people FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      'trigger x was added',
    ],
    ['a rule that swallows', 'CREATE RULE r AS ON INSERT TO entries DO INSTEAD NOTHING', 'rule r was added'],
    ['a missing index', 'DROP INDEX entries_one_end', 'index entries_one_end is gone'],
  ])('%s, and nobody writes to such a record', async (_title, sql, detail) => {
    const url = await written();
    await raw(url, sql);
    const found = await verifyPostgresRecord(url);
    expect(found).toMatchObject({ seq: 0, problem: 'schema_altered' });
    expect(JSON.stringify(found)).toContain(detail);
    await expect(openPostgresAuditStore({ url, clock: testClock() })).rejects.toThrow(detail);
  });
});

test('a record whose end was cut off under the open store gets no further entry', async () => {
  const url = await server.schema();
  const store = await openPostgresAuditStore({ url, clock: testClock() });
  onTestFinished(() => store.close());
  await store.append(sampleEvent());
  await store.append(sampleEvent());
  await tamper(url, 'DELETE FROM entries WHERE seq = 2; UPDATE written SET seq = 1');
  await expect(store.append(sampleEvent())).rejects.toThrow(/entry 2 .*changed by somebody else/);
  expect(store.health()).toMatchObject({ ok: false });
});
