// A record of an earlier version is taken over as it is, gets the new indexes, and writes go on while these are built.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresAuditStore, openSqliteAuditStore } from '../../audit-store/index.ts';
import { openConnection } from '../../audit-store/sqlite/database.ts';
import { chainEnd } from '../../audit-store/sqlite/chain-end.ts';
import { eventBody } from '../../audit-store/entry.ts';
import { migrateTo } from '../../audit-store/sqlite/migrations.ts';
import { privateFacts } from '../../audit-store/sqlite/private-facts.ts';
import { verifyPostgresRecord } from '../../audit-store/postgres/verify-record.ts';
import { verifyRecord } from '../../audit-store/sqlite/verify-record.ts';
import { FIRST_TABLES } from '../../audit-store/postgres/first-tables.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { raw as rawPostgres } from './postgres-record.ts';
import { query } from './raw.ts';
import { sampleEvent } from './sample.ts';

/** Built and gathered as soon as the machine lets it. */
const SOON = { timeout: 15_000 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

test('in SQLite a record of version 2 keeps its entries, is searched by the new indexes, and verifies', async () => {
  const file = recordFile();
  const old = openConnection(file, { readOnly: false, busyTimeoutMs: 0 });
  migrateTo(old, 2);
  old.pragma('user_version = 2');
  const chain = chainEnd(old, { instance: 'older', run: 'r' });
  const facts = privateFacts(old);
  const event = sampleEvent({ action: 'before', ipAddress: null, userAgent: null });
  const [actor, subject] = [facts.person(event.actor), facts.person(event.subject)];
  const by = { actor: actor.commitment, subject: subject.commitment, origin: null };
  const refs = { actor: actor.ref, subject: subject.ref, origin: null };
  chain.add(chain.head(), { kind: 'event', at: NOON }, (stamp) => eventBody(stamp, event, by, null), refs);
  old.close();

  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.append(sampleEvent({ action: 'after' }));
  const { events } = await store.events({ manager: 'mia', customer: 'sam', market: 'valley' }, { limit: 5 });
  await store.close();
  expect(events.map(({ action }) => action)).toEqual(['after', 'before']);
  expect(query(file, "SELECT name FROM sqlite_schema WHERE name = 'entries_market_event'")).toEqual([]);
  expect(await verifyRecord(file)).toMatchObject({ ok: true });
});

test('in PostgreSQL the indexes of a record with entries are built beside its writers, also after half a build', async () => {
  const url = await server.schema();
  const options = { url, clock: testClock() };
  const older = await openPostgresAuditStore(options);
  await older.append(sampleEvent({ action: 'before' }));
  await older.close();
  const former = FIRST_TABLES.match(/CREATE INDEX entries_(?:actor|subject) [^;]*;/g) ?? [];
  await rawPostgres(
    url,
    `DROP TRIGGER entries_meet ON entries; DROP FUNCTION note_meetings; DROP TABLE meetings;
     DROP INDEX entries_by_actor, entries_by_subject; ${former.join(' ')} UPDATE record_version SET version = 4`,
  );
  // What is left where a build was broken off: two equal keys make this one end unfinished.
  await rawPostgres(url, "INSERT INTO probe VALUES ('a'), ('a')");
  const half = rawPostgres(url, 'CREATE UNIQUE INDEX CONCURRENTLY entries_by_subject ON probe (filler)');
  await expect(half).rejects.toThrow('could not create unique index');
  await rawPostgres(url, 'DELETE FROM probe');

  const store = await openPostgresAuditStore(options);
  await store.append(sampleEvent({ action: 'after' }));
  const { events } = await store.events({ manager: 'mia', customer: 'sam' }, { limit: 5 });
  expect(events.map(({ action }) => action)).toEqual(['after', 'before']);
  await expect
    .poll(
      () =>
        rawPostgres(
          url,
          `SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^entries_(by_)?(actor|subject)$' ORDER BY 1`,
        ),
      SOON,
    )
    .toEqual([
      { name: 'entries_by_actor', valid: true },
      { name: 'entries_by_subject', valid: true },
    ]);
  const again = await store.events({ manager: 'mia', customer: 'sam', market: 'valley' }, { limit: 5 });
  expect(again.events).toEqual(events);
  await store.close();
  expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true });
});

test('in PostgreSQL what a record lacks that came from a backup of an older one is made in turn, by one gateway', async () => {
  const url = await server.schema();
  const options = { url, clock: testClock() };
  const older = await openPostgresAuditStore(options);
  for (let round = 0; round < 20; round += 1)
    await Promise.all(Array.from({ length: 100 }, () => older.append(sampleEvent())));
  await older.close();
  const known = `EXISTS (SELECT 1 FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'entries') AS known`;
  await rawPostgres(
    url,
    `ALTER TABLE entries SET (autovacuum_enabled = off);
     DROP INDEX entries_by_actor, entries_by_subject, meetings_subject`,
  );
  const [entries] = await rawPostgres(url, "SELECT 'entries'::regclass::oid::integer AS oid");
  // What the older gateway had begun may still come.
  await expect
    .poll(async () => {
      const forget = `DELETE FROM pg_statistic WHERE starelid = ${Number(entries?.['oid'])}`;
      await server.asSuperuser(forget, new URL(url).pathname.slice(1));
      return rawPostgres(url, `SELECT ${known}`);
    }, SOON)
    .toEqual([{ known: false }]);

  const troubles: object[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (facts: object) => void troubles.push(facts),
  };
  const stores = await Promise.all([1, 2].map(() => openPostgresAuditStore({ ...options, log })));
  const made = `SELECT count(*)::integer AS indexes, ${known} FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indisvalid AND c.relnamespace = current_schema()::regnamespace
    AND c.relname IN ('entries_by_actor', 'entries_by_subject', 'meetings_subject')`;
  await expect.poll(() => rawPostgres(url, made), SOON).toEqual([{ indexes: 3, known: true }]);
  await Promise.all(stores.map((store) => store.close()));
  expect(troubles).toEqual([]);
});
