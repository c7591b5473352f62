// The story: the disk fills up, another program locks the record, somebody moves it away. Nothing may be acknowledged
// that is not on disk, the event loop must not wait, and when the cause is gone everything goes on by itself.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AuditUnavailableError,
  openSqliteAuditStore,
  type SqliteAuditStoreOptions,
  verifyRecord,
} from '../../audit-store/index.ts';
import { isOlder } from '../../audit-store/sqlite/database.ts';
import { openWriter } from '../../audit-store/sqlite/open-writer.ts';
import { workerLink } from '../../audit-store/worker-link.ts';
import { query, raw } from './raw.ts';
import { recordFile, testClock } from './record-folder.ts';
import { runScript } from './run-script.ts';
import { sampleEvent } from './sample.ts';

async function open(options: Partial<SqliteAuditStoreOptions> = {}) {
  const file = options.file ?? recordFile();
  const store = await openSqliteAuditStore({ clock: testClock(), ...options, file });
  onTestFinished(() => store.close());
  return { file, store };
}

describe('a full disk', () => {
  test('refuses what does not fit, says why, and takes new entries once there is room again', async () => {
    const messages: string[] = [];
    const log = {
      info: (_facts: object, message: string) => messages.push(message),
      warn() {},
      error: (_facts: object, message: string) => messages.push(message),
    };
    const { file, store } = await open({ maxBytes: 512 * 1024, log });
    // Something that can be thrown away later.
    raw(
      file,
      `INSERT INTO traces (session_id, first_at, last_at, decisions, packed)
       VALUES ('s', 0, 0, 1, hex(zeroblob(100000)))`,
    );

    const big = sampleEvent({ details: { filler: 'x'.repeat(900), more: 'y'.repeat(900) } });
    let written = 0;
    let refusal: unknown = null;
    while (refusal === null) {
      try {
        await store.append(big);
        written += 1;
      } catch (error) {
        refusal = error;
      }
    }
    expect(refusal).toBeInstanceOf(AuditUnavailableError);
    expect(written).toBeGreaterThan(10);
    expect(store.health()).toMatchObject({ ok: false, reason: expect.stringContaining('full') as unknown });
    await expect(store.intend(big)).rejects.toThrow(AuditUnavailableError);
    // Reading goes on.
    expect((await store.events({}, { limit: 1 })).events).toHaveLength(1);

    raw(file, 'DELETE FROM traces');
    await vi.waitFor(
      () => {
        expect(store.health()).toEqual({ ok: true });
      },
      { timeout: 5000 },
    );
    await store.append(sampleEvent());
    await store.close();
    expect(messages).toEqual(['the audit record cannot be written', 'the audit record can be written again']);
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: written + 1 });
  });
});

describe('a record locked by another process', () => {
  test('keeps one waiting for 300 ms and nobody after, while the event loop keeps turning, and heals when the lock is gone', async () => {
    const { file, store } = await open();
    await store.append(sampleEvent({ action: 'before' }));
    const intent = await store.intend(sampleEvent({ action: 'under way' }));
    const other = runScript('./lock-process.ts', file);
    await other.said('locked');

    let turns = 0;
    const turning = setInterval(() => (turns += 1), 5);
    const began = performance.now();
    const waits: number[] = [];
    while (performance.now() - began < 3000) {
      const asked = performance.now();
      await expect(store.append(sampleEvent())).rejects.toThrow('locked by another process');
      waits.push(performance.now() - asked);
      await nextTurn();
    }
    clearInterval(turning);
    // The longest one also measures how busy this machine is; what counts is that nobody waits for the lock to go.
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(20);
    expect(Math.max(...waits)).toBeLessThan(2000);
    // 3 s allow 600 of them.
    expect(turns).toBeGreaterThan(100);
    expect(store.health()).toMatchObject({ ok: false });
    await expect(store.append(sampleEvent({ action: 'under way' }), intent)).rejects.toThrow('locked');

    other.process.stdin.end();
    await other.ended();
    await vi.waitFor(
      () => {
        expect(store.health()).toEqual({ ok: true });
      },
      { timeout: 5000 },
    );
    await store.append(sampleEvent({ action: 'after' }));
    const { events } = await store.events({}, { limit: 10 });
    expect(events.map(({ action }) => action)).toEqual(['after', 'under way', 'before']);
    // It would be its end a second time.
    expect(await store.append(sampleEvent({ action: 'under way' }), intent)).toBeNull();
  });
});

describe('a record whose file', () => {
  test('was unlinked takes nothing more, and nothing is acknowledged that went into the lost file', async () => {
    const { file, store } = await open();
    await store.append(sampleEvent());
    rmSync(file);
    await expect(store.append(sampleEvent())).rejects.toThrow('removed or replaced');
    expect(store.health()).toMatchObject({ ok: false });
    expect(existsSync(file)).toBe(false);
  });

  test('was replaced by another takes nothing more, into neither', async () => {
    const { file, store } = await open();
    await store.append(sampleEvent());
    renameSync(file, `${file}.old`);
    writeFileSync(file, readFileSync(`${file}.old`));
    await expect(store.append(sampleEvent())).rejects.toThrow('removed or replaced');
  });

  test('lost its write-ahead log takes nothing more', async () => {
    const { file, store } = await open();
    await store.append(sampleEvent());
    rmSync(`${file}-wal`);
    await expect(store.append(sampleEvent())).rejects.toThrow('-wal was removed or replaced');
  });

  test('was moved away and back heals by itself', async () => {
    const { file, store } = await open();
    await store.append(sampleEvent());
    renameSync(file, `${file}.away`);
    await expect(store.append(sampleEvent())).rejects.toThrow('removed or replaced');
    renameSync(`${file}.away`, file);
    await vi.waitFor(() => store.append(sampleEvent()));
    expect(store.health()).toEqual({ ok: true });
  });

  test('was unlinked is noticed although nobody writes', async () => {
    const { file, store } = await open({ checkEveryMs: 50 });
    rmSync(file);
    await vi.waitFor(() => {
      expect(store.health()).toMatchObject({ ok: false });
    });
  });
});

describe('opening', () => {
  test('keeps the folder, the record and what stands beside it to their owner', async () => {
    const file = join(dirname(recordFile()), 'deep', 'data', 'audit.db');
    const { store } = await open({ file });
    await store.append(sampleEvent());
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}-lock`]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  test('takes a file that others could read away from them', async () => {
    const file = recordFile();
    writeFileSync(file, '', { mode: 0o644 });
    await open({ file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a folder that cannot be written is one line that names it', async () => {
    const blocked = recordFile();
    writeFileSync(blocked, 'a file, not a folder');
    const file = join(blocked, 'data', 'audit.db');
    const failure = await openSqliteAuditStore({ file, clock: testClock() }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AuditUnavailableError);
    expect(String(failure)).toContain(`the folder ${join(blocked, 'data')} cannot be written (ENOTDIR)`);
    expect(String(failure)).not.toContain('\n');
  });

  test('a folder at the place of the file is refused', async () => {
    const file = recordFile();
    mkdirSync(file);
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow(
      `record ${file} cannot be opened`,
    );
  });

  test('a file that is no record is refused and left as it is', async () => {
    const file = recordFile();
    writeFileSync(file, 'precious, but not SQLite'.repeat(100));
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow('not a record');
    expect(readFileSync(file, 'utf8')).toBe('precious, but not SQLite'.repeat(100));
  });

  test('a record of a newer release is refused', async () => {
    const file = recordFile();
    raw(file, 'PRAGMA user_version = 99');
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow('newer release');
  });

  test('a second gateway on the same record is refused until the first lets go', async () => {
    const { file, store } = await open();
    const second = openSqliteAuditStore({ file, clock: testClock() });
    await expect(second).rejects.toThrow(`the record ${file} is in use by another gateway`);
    await store.append(sampleEvent());
    await store.close();
    const third = await open({ file });
    expect(await third.store.append(sampleEvent())).toMatchObject({ seq: 2 });
  });

  test('a gateway that was killed does not keep the next one out', async () => {
    const file = recordFile();
    const first = runScript('./gateway-process.ts', file);
    await first.said('done');
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow(
      'in use by another gateway',
    );
    first.process.kill('SIGKILL');
    await first.ended();
    await open({ file });
  });

  test('writes ahead, and survives a power cut: WAL is on the file', async () => {
    const { file } = await open();
    expect(query(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  test.each([
    ['3.51.2', true],
    ['3.51.3', false],
    ['3.9.9', true],
    ['3.54.0', false],
    ['4.0.0', false],
    ['3.51', true],
  ])('SQLite %s counts as too old: %s', (version, old) => {
    expect(isOlder(version, '3.51.3')).toBe(old);
  });
});

describe('damage', () => {
  test('in the middle of the file is an AuditUnavailableError for whoever meets it, and verify sees it', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    await Promise.all(Array.from({ length: 3000 }, () => store.append(sampleEvent())));
    await store.close();
    const bytes = readFileSync(file);
    // The end, which opening looks at, stays whole.
    bytes.fill(0xff, Math.floor(bytes.length / 4), Math.floor(bytes.length / 2));
    writeFileSync(file, bytes);

    const found = await verifyRecord(file);
    expect(found).toMatchObject({ ok: false });
    expect(found).toHaveProperty('problem', expect.stringMatching(/^(unreadable|altered|missing)$/));

    async function readAll() {
      const { store: damaged } = await open({ file });
      let next: number | null | undefined;
      while (next !== null) {
        const page = next === undefined ? { limit: 500 } : { limit: 500, beforeSeq: next };
        ({ next } = await damaged.events({}, page));
      }
    }
    await expect(readAll()).rejects.toThrow(AuditUnavailableError);
  });
});

describe('durability', () => {
  test('the writing connection keeps synchronous=FULL beyond its first write', () => {
    const connection = openWriter({ file: recordFile(), busyTimeoutMs: 0, maxBytes: null });
    onTestFinished(() => void connection.close());
    connection.exec('INSERT INTO probe VALUES (NULL)');
    expect(connection.pragma('synchronous', { simple: true })).toBe(2);
  });
});

describe('a thread that dies', () => {
  test('fails what was asked of it, and the next question starts another', async () => {
    const link = workerLink<string, string>(new URL('./mortal-worker.ts', import.meta.url), null);
    onTestFinished(() => link.close());
    await link.start();
    expect(await link.ask('hello')).toBe('hello');
    await expect(link.ask('die')).rejects.toThrow(AuditUnavailableError);
    expect(await link.ask('again')).toBe('again');
    await expect(link.ask('crash')).rejects.toThrow('uncaught');
    expect(await link.ask('and again')).toBe('and again');
    await expect(link.ask('throw')).rejects.toThrow('as asked');
    expect(await link.ask('still there')).toBe('still there');
  });

  test('is not needed where an answer is only promised, and comes to nothing', async () => {
    const link = workerLink<string, string>(new URL('./mortal-worker.ts', import.meta.url), null);
    onTestFinished(() => link.close());
    const [first, second, third] = await Promise.allSettled(
      ['later', 'throw later', 'now'].map((word) => link.ask(word)),
    );
    expect(first).toMatchObject({ value: 'by then' });
    expect(second).toMatchObject({ reason: { message: 'as asked' } });
    expect(third).toMatchObject({ value: 'now' });
  });
});
