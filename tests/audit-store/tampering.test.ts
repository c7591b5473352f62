// The story: someone with access to the file wants one row of the record to be other than it was written. They have a
// copy of SQLite, drop the triggers, do it, and put the triggers back. The walk names the first row that is not right.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { canonicalJson } from '../../audit-store/canonical-json.ts';
import { query, raw, tamper } from './raw.ts';
import { recordFile, testClock } from './record-folder.ts';
import { hal, max, sampleEvent, startEvent } from './sample.ts';

/** Six entries: start, three actions, another manager's action, stop. */
async function written(): Promise<string> {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.append(startEvent('s1'));
  for (const action of ['a2', 'a3', 'a4']) await store.append(sampleEvent({ action }));
  await store.append(sampleEvent({ sessionId: 's2', actor: max, subject: hal, action: 'a5' }));
  await store.append(sampleEvent({ event: 'stop', action: 'stop_acting' }));
  await store.close();
  return file;
}

describe('an untouched record', () => {
  test('verifies, with its number of entries and last hash', async () => {
    const file = await written();
    const [last] = query<{ hash: string }>(
      file,
      'SELECT lower(hex(hash)) AS hash FROM entries WHERE seq = 6',
    );
    expect(await verifyRecord(file)).toEqual({
      ok: true,
      entries: 6,
      absent: 0,
      lastHash: last?.hash,
      checkpoints: 0,
    });
  });

  test('can be checked by hand: SHA-256 of the hash before and the canonical JSON', async () => {
    const file = await written();
    const rows = query<{ hash: Buffer; body: string }>(file, 'SELECT hash, body FROM entries ORDER BY seq');
    let before = Buffer.alloc(32);
    for (const { hash, body } of rows) {
      expect(canonicalJson(z.json().parse(JSON.parse(body)))).toBe(body);
      before = createHash('sha256')
        .update(Buffer.concat([before, Buffer.from(body)]))
        .digest();
      expect(hash.equals(before)).toBe(true);
    }
    expect(rows).toHaveLength(6);
  });

  test('has no name, e-mail, address or user agent in the chain', async () => {
    const bodies = JSON.stringify(query(await written(), 'SELECT body FROM entries'));
    for (const secret of ['Mia', 'mia@', 'Sam', 'sam@', '203.0.113.7', 'Mozilla']) {
      expect(bodies).not.toContain(secret);
    }
  });

  test('an empty record verifies', async () => {
    const file = recordFile();
    await (await openSqliteAuditStore({ file, clock: testClock() })).close();
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 0, lastHash: '0'.repeat(64) });
  });

  test('verifies while it is being written, and tells how far it is', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    await Promise.all(Array.from({ length: 1200 }, () => store.append(sampleEvent())));
    const progress: number[] = [];
    const writing = (async () => {
      for (let i = 0; i < 50; i += 1) await store.append(sampleEvent());
    })();
    expect(await verifyRecord(file, { onProgress: (done) => progress.push(done) })).toMatchObject({
      ok: true,
    });
    await writing;
    await store.close();
    expect(progress.slice(0, 2)).toEqual([500, 1000]);
    expect(progress.at(-1)).toBeGreaterThanOrEqual(1200);
  });
});

describe('the triggers', () => {
  test.each([
    ['changing an entry', "UPDATE entries SET body = replace(body, 'a3', 'xx') WHERE seq = 3"],
    ['deleting an entry', 'DELETE FROM entries WHERE seq = 3'],
    ['deleting the last entry', 'DELETE FROM entries WHERE seq = 6'],
    [
      'replacing an entry',
      "INSERT OR REPLACE INTO entries (seq, hash, body, high_at) VALUES (3, x'00', '{}', 0)",
    ],
    [
      'adding an entry with a gap',
      "INSERT INTO entries (seq, hash, body, high_at) VALUES (9, x'00', '{}', 0)",
    ],
    ['renaming a person', "UPDATE people SET name = 'Nobody'"],
    ['blanking half a person', 'UPDATE people SET name = NULL'],
    [
      'moving a person to another id',
      "UPDATE people SET id = '99', salt = NULL, name = NULL, email = NULL, search = NULL",
    ],
    ['deleting a person', 'DELETE FROM people'],
    ['changing an address', "UPDATE origins SET ip_address = '192.0.2.1'"],
    ['deleting an address', 'DELETE FROM origins'],
  ])('refuse %s', async (_title, sql) => {
    const file = await written();
    expect(() => {
      raw(file, sql);
    }).toThrow(/never|only/);
    expect(await verifyRecord(file)).toMatchObject({ ok: true });
  });

  test('the database itself refuses a second start and a second end', async () => {
    const file = await written();
    for (const seq of [1, 6]) {
      expect(() => {
        raw(
          file,
          `INSERT INTO entries (seq, hash, body, high_at)
           SELECT 7, hash, body, high_at FROM entries WHERE seq = ${seq}`,
        );
      }).toThrow('UNIQUE');
    }
  });
});

describe('the walk names', () => {
  const cases: readonly (readonly [title: string, sql: string, seq: number, problem: string])[] = [
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
    ['an altered hash', 'UPDATE entries SET hash = zeroblob(32) WHERE seq = 4', 4, 'altered'],
    [
      'an emptied entry',
      `UPDATE entries SET body = '{"at":1,"kind":"event","seq":4}' WHERE seq = 4`,
      4,
      'altered',
    ],
    ['a deleted entry', 'DELETE FROM entries WHERE seq = 3', 3, 'missing'],
    ['a deleted first entry', 'DELETE FROM entries WHERE seq = 1', 1, 'missing'],
    ['deleted last entries', 'DELETE FROM entries WHERE seq >= 5', 5, 'truncated'],
    ['everything deleted', 'DELETE FROM entries', 1, 'truncated'],
    [
      'a deleted entry whose gap was closed',
      'DELETE FROM entries WHERE seq = 3; UPDATE entries SET seq = seq - 1 WHERE seq > 3',
      3,
      'reordered',
    ],
    [
      'two swapped entries',
      'UPDATE entries SET seq = 99 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 99',
      3,
      'reordered',
    ],
    ['a renamed person', "UPDATE people SET name = 'Nobody' WHERE id = '2'", 5, 'person_altered'],
    ['an altered e-mail', "UPDATE people SET email = 'x@y' WHERE id = '10'", 1, 'person_altered'],
    ['a person hidden from searches', "UPDATE people SET search = '' WHERE id = '20'", 5, 'person_altered'],
    ['half a person blanked', "UPDATE people SET email = NULL WHERE id = '2'", 5, 'person_altered'],
    ['a deleted person', "DELETE FROM people WHERE id = '20'", 5, 'person_altered'],
    [
      'an entry that was given to another person',
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
    [
      'a count that was set back',
      "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'entries'",
      0,
      'schema_altered',
    ],
  ];
  test.each(cases)('%s', async (_title, sql, seq, problem) => {
    const file = await written();
    tamper(file, sql);
    expect(await verifyRecord(file)).toMatchObject({ ok: false, seq, problem });
  });

  test('the entry after one that was altered together with its own hash', async () => {
    const file = await written();
    const [row] = query<{ body: string }>(file, 'SELECT body FROM entries WHERE seq = 3');
    const [before] = query<{ hash: Buffer }>(file, 'SELECT hash FROM entries WHERE seq = 2');
    const body = row?.body.replace('a3', 'xx') ?? '';
    const hash = createHash('sha256')
      .update(before?.hash ?? '')
      .update(body)
      .digest('hex');
    tamper(file, `UPDATE entries SET body = '${body}', hash = x'${hash}' WHERE seq = 3`);
    expect(await verifyRecord(file)).toMatchObject({ ok: false, seq: 4, problem: 'altered' });
  });

  test.each([
    ['a missing trigger', 'DROP TRIGGER entries_no_update', 'trigger entries_no_update is gone'],
    [
      'a trigger that refuses nothing',
      'DROP TRIGGER entries_no_delete; CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT 1; END',
      'trigger entries_no_delete was changed',
    ],
    ['a missing index', 'DROP INDEX entries_one_end', 'index entries_one_end is gone'],
    [
      'a trigger of somebody else',
      'CREATE TRIGGER x AFTER INSERT ON people BEGIN SELECT 1; END',
      'trigger x was added',
    ],
  ])('%s', async (_title, sql, detail) => {
    const file = await written();
    raw(file, sql);
    const found = await verifyRecord(file);
    expect(found).toMatchObject({ ok: false, seq: 0, problem: 'schema_altered' });
    expect(found).toHaveProperty('detail', expect.stringContaining(detail));
  });

  test('nothing, when a whole tail was cut off with SQLite’s own count: that takes a hash kept elsewhere', async () => {
    const file = await written();
    const before = await verifyRecord(file);
    tamper(
      file,
      "DELETE FROM entries WHERE seq > 4; UPDATE sqlite_sequence SET seq = 4 WHERE name = 'entries'",
    );
    const after = await verifyRecord(file);
    expect(after).toMatchObject({ ok: true, entries: 4 });
    expect(after).not.toEqual(before);
  });
});

describe('a record that was tampered with', () => {
  test('is not opened for writing when the end of the chain is broken, and says which entry', async () => {
    const file = await written();
    tamper(file, "UPDATE entries SET body = replace(body, 'a3', 'xx') WHERE seq = 3");
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow(/entry 3 .* altered/);
  });

  test('is not opened for writing without its triggers', async () => {
    const file = await written();
    raw(file, 'DROP TRIGGER entries_no_delete');
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow(
      'entries_no_delete is gone',
    );
  });

  test('gets no further entry when its last one was cut off under the open store', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    await store.append(sampleEvent());
    await store.append(sampleEvent());
    tamper(
      file,
      "DELETE FROM entries WHERE seq = 2; UPDATE sqlite_sequence SET seq = 1 WHERE name = 'entries'",
    );
    await expect(store.append(sampleEvent())).rejects.toThrow(/entry 2, .*changed by somebody else/);
    expect(store.health()).toMatchObject({ ok: false });
    await store.close();
  });
});

describe('a person who was blanked', () => {
  const BLANK = "UPDATE people SET salt = NULL, name = NULL, email = NULL, search = NULL WHERE id = '10'";

  test('leaves the chain whole, keeps their id, and is found by no search', async () => {
    const file = await written();
    raw(file, BLANK);
    raw(file, "UPDATE origins SET salt = NULL, ip_address = NULL, user_agent = NULL WHERE person_id = '1'");
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 6 });
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    const { events } = await store.events({ sessionId: 's1' }, { limit: 1 });
    expect(events[0]).toMatchObject({
      subject: { id: '10', name: '', email: '' },
      ipAddress: null,
      userAgent: null,
    });
    expect((await store.events({ customer: 'sam' }, { limit: 1 })).events).toEqual([]);
    await store.close();
  });

  test('and comes back is written anew, under another commitment', async () => {
    const file = await written();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    raw(file, BLANK);
    await store.append(sampleEvent({ action: 'later' }));
    const { events } = await store.events({ customer: 'sam' }, { limit: 10 });
    expect(events.map(({ action }) => action)).toEqual(['later']);
    await store.close();
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 7 });
    expect(query(file, "SELECT count(DISTINCT commitment) AS n FROM people WHERE id = '10'")).toEqual([
      { n: 2 },
    ]);
  });
});
