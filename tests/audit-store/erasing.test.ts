// The story: a shopper asks to be forgotten, and has a right to it. The product that kept her name in every row had to
// choose between the law and its evidence. Here her name, e-mail and address stand beside the chain: they are
// blanked, also in the corners of the file where databases leave old copies, and the chain still verifies.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  erasePerson,
  exportCsv,
  openSqliteAuditStore,
  verifyRecord,
  type SqliteAuditStore,
} from '../../audit-store/index.ts';
import { query, raw } from './raw.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { mia, sam, sampleEvent, startEvent } from './sample.ts';

const asked = { by: 'ria', at: NOON + 5_000 };
const erase = (file: string, person: string) => erasePerson(file, { person, reason: 'request 17', asked });

/** Whether the bytes of a text stand anywhere in the record's files, its write-ahead log included. */
function foundIn(file: string, text: string): readonly string[] {
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(basename(file)))
    .filter((name) => readFileSync(join(dirname(file), name)).includes(text));
}

async function opened(file = recordFile()): Promise<{ file: string; store: SqliteAuditStore }> {
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  onTestFinished(() => store.close());
  return { file, store };
}

/** Many people, so that pages split and are moved about, and Sam among them under two names. */
async function crowd(store: SqliteAuditStore): Promise<void> {
  await store.append(startEvent('s1'));
  await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      store.append(
        sampleEvent({
          subject: { id: `c${i}`, name: `Customer ${i}`, email: `c${i}@valley.example` },
          userAgent: `Browser/${i}`,
        }),
      ),
    ),
  );
  await store.append(sampleEvent({ subject: { ...sam, name: 'Sam Eclair-Smith' } }));
  await store.append(sampleEvent({ actor: { ...sam }, subject: mia, ipAddress: '198.51.100.99' }));
}

const SECRETS = ['Sam ', 'sam@valley.example', 'Eclair-Smith', '198.51.100.99'];

describe('an erased person', () => {
  test.each(['beside a gateway that has the record open', 'while no gateway runs'])(
    'is gone from every byte of the files, %s',
    async (how) => {
      const { file, store } = await opened();
      await crowd(store);
      const running = how.startsWith('beside');
      if (!running) await store.close();
      for (const secret of SECRETS) expect(foundIn(file, secret)).not.toEqual([]);

      expect(await erase(file, '10')).toEqual({ found: true, people: 2, origins: 1, purged: true });

      for (const secret of SECRETS) expect([secret, foundIn(file, secret)]).toEqual([secret, []]);
      expect(foundIn(file, 'mia@valley.example')).not.toEqual([]);
      expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 304 });
    },
  );

  test('keeps their id and what was done; names are empty, searches find nothing', async () => {
    const { file, store } = await opened();
    await crowd(store);
    await erase(file, '10');
    const { events } = await store.events({ sessionId: 's1' }, { limit: 2 });
    expect(events[0]).toMatchObject({
      action: 'place_order',
      actor: { id: '10', name: '', email: '' },
      subject: mia,
      ipAddress: null,
      userAgent: null,
    });
    expect(events[1]).toMatchObject({ subject: { id: '10', name: '', email: '' }, actor: mia });
    for (const customer of ['sam', 'eclair', 'sam@valley'])
      expect((await store.events({ customer }, { limit: 1 })).events).toEqual([]);
    let csv = '';
    for await (const chunk of exportCsv(store, {})) csv += String(chunk);
    expect(csv).toContain('Mia Moreno');
    expect(csv).not.toMatch(/sam@|Eclair/);
  });

  test('is erased on the record: who, how much, by whom, why and when', async () => {
    const { file, store } = await opened();
    await crowd(store);
    await erase(file, '10');
    const [row] = query<{ body: string }>(file, "SELECT body FROM entries WHERE kind = 'erasure'");
    expect(JSON.parse(row?.body ?? '')).toMatchObject({
      v: 1,
      at: NOON + 5_000,
      kind: 'erasure',
      person: '10',
      people: 2,
      origins: 1,
      asked_by: 'ria',
      reason: 'request 17',
    });
  });

  test('is erased once, and nobody who is not there is', async () => {
    const { file, store } = await opened();
    await crowd(store);
    await erase(file, '10');
    expect(await erase(file, '10')).toEqual({ found: true, people: 0, origins: 0, purged: true });
    expect(await erase(file, '%')).toEqual({ found: false });
    expect(query(file, "SELECT count(*) AS n FROM entries WHERE kind = 'erasure'")).toEqual([{ n: 1 }]);
  });

  test('with more addresses than fit into one step is erased in several, each on the record', async () => {
    const { file, store } = await opened();
    await Promise.all(
      Array.from({ length: 1100 }, (_, i) => store.append(sampleEvent({ userAgent: `Browser/${i}` }))),
    );
    expect(await erase(file, mia.id)).toMatchObject({ people: 1, origins: 1100 });
    const rows = query<{ people: number; origins: number }>(
      file,
      "SELECT body ->> '$.people' AS people, body ->> '$.origins' AS origins FROM entries WHERE kind = 'erasure'",
    );
    expect(rows).toEqual([
      { people: 1, origins: 500 },
      { people: 0, origins: 500 },
      { people: 0, origins: 100 },
    ]);
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 1103 });
  });
});

describe('a gateway that writes meanwhile', () => {
  test('goes on behind the entry that the erasure added', async () => {
    const { file, store } = await opened();
    await store.append(startEvent('s1'));
    await erase(file, sam.id);
    expect(await store.append(sampleEvent({ action: 'later' }))).toMatchObject({ seq: 3 });
    expect(store.health()).toEqual({ ok: true });
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 3 });
  });

  test('loses nothing and refuses nothing while people are erased one after the other', async () => {
    const { file, store } = await opened();
    await crowd(store);
    const over = new AbortController();
    const writing = (async () => {
      let written = 0;
      while (!over.signal.aborted) {
        await store.append(sampleEvent());
        written += 1;
      }
      return written;
    })();
    for (let i = 0; i < 10; i += 1)
      expect(await erase(file, `c${i}`)).toMatchObject({ people: 1, purged: true });
    over.abort();
    const written = await writing;
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 303 + 10 + written });
  });

  test('does not go on behind anything else that somebody added', async () => {
    const { file, store } = await opened();
    await store.append(startEvent('s1'));
    const other = recordFile();
    // An event of another record, at the right place and with a hash of its own.
    const { store: forger } = await opened(other);
    await forger.append(startEvent('s9'));
    await forger.append(sampleEvent({ sessionId: 's9' }));
    raw(
      file,
      `ATTACH '${other}' AS other; INSERT INTO entries (seq, hash, body, high_at)
       SELECT seq, hash, body, high_at FROM other.entries WHERE seq = 2`,
    );
    await expect(store.append(sampleEvent())).rejects.toThrow('changed by somebody else');
  });
});

test('a file that is no record, or whose end is broken, is left alone, and named', async () => {
  const { file, store } = await opened();
  await store.append(startEvent('s1'));
  await store.close();
  raw(file, 'DROP TRIGGER entries_no_delete');
  await expect(erase(file, sam.id)).rejects.toThrow(
    /audit\.db cannot be changed: .*entries_no_delete is gone/,
  );
  expect(foundIn(file, 'sam@valley.example')).not.toEqual([]);
  await expect(erase(join(dirname(file), 'none.db'), sam.id)).rejects.toThrow('there is no record');
});
