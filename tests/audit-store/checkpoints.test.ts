// The story: a chain proves that nobody changed a row and left the rest alone. It proves nothing against somebody who
// writes all of it anew, or who cuts the end off. Signed statements of how far the record reached, kept where that
// person cannot reach them, do.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type AuditLog,
  fileSender,
  openSqliteAuditStore,
  readCheckpoints,
  type SqliteAuditStore,
  startCheckpointer,
  verifyRecord,
  webhookSender,
} from '../../audit-store/index.ts';
import { checkpointText } from '../../audit-store/checkpoint.ts';
import { signNote } from '../../audit-store/signed-note.ts';
import { ORIGIN, signer, verifiersOf } from './checkpoint-key.ts';
import { query, raw, tamper } from './raw.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { rewritePast } from './rewrite-past.ts';
import { sampleEvent } from './sample.ts';

const silent: AuditLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function opened(file = recordFile()) {
  const clock = testClock();
  const store = await openSqliteAuditStore({ file, clock });
  onTestFinished(() => store.close());
  const sent: string[] = [];
  const options = {
    store,
    signer,
    senders: [{ send: (note: string) => void sent.push(note), close: () => Promise.resolve() }],
    everyRows: 10,
    everyMs: 60_000,
    // Only when the test looks.
    lookEveryMs: 3_600_000,
    clock,
    log: silent,
  };
  return { file, clock, store, sent, options };
}

async function add(store: SqliteAuditStore, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await store.append(sampleEvent());
}

function sizes(notes: readonly string[]): readonly number[] {
  const read = readCheckpoints(notes.join(''), verifiersOf);
  if (!read.ok) throw new Error(read.problem);
  return read.checkpoints.map(({ size }) => size);
}

function heads(notes: readonly string[]) {
  const read = readCheckpoints(notes.join(''), verifiersOf);
  if (!read.ok) throw new Error(read.problem);
  return read.checkpoints;
}

/** Twelve entries, checkpoints over 4, 8 and 12, and the copies that were sent away. */
async function checkpointed() {
  const { file, store, sent, options } = await opened();
  const checkpointer = startCheckpointer(options);
  await checkpointer.look();
  for (let i = 0; i < 3; i += 1) {
    await add(store, 4);
    await checkpointer.look(true);
  }
  await checkpointer.close();
  await store.close();
  return { file, sent };
}

describe('a checkpoint', () => {
  test('is signed over what a start finds, after so many rows, after so long, and at the end', async () => {
    const { clock, store, sent, options } = await opened();
    await add(store, 3);
    const checkpointer = startCheckpointer(options);
    await checkpointer.look();
    expect(sizes(sent)).toEqual([3]);
    await add(store, 9);
    await checkpointer.look();
    expect(sizes(sent)).toEqual([3]);
    await add(store, 1);
    await checkpointer.look();
    expect(sizes(sent)).toEqual([3, 13]);
    await add(store, 1);
    clock.set(NOON + 59_999);
    await checkpointer.look();
    expect(sizes(sent)).toEqual([3, 13]);
    clock.set(NOON + 60_000);
    await checkpointer.look();
    expect(sizes(sent)).toEqual([3, 13, 14]);
    await add(store, 1);
    await checkpointer.close();
    expect(sizes(sent)).toEqual([3, 13, 14, 15]);
  });

  test('is not signed twice over the same entries, by nobody, though time goes by', async () => {
    const { clock, store, sent, options } = await opened();
    await add(store, 1);
    const checkpointer = startCheckpointer(options);
    for (let i = 1; i < 4; i += 1) {
      clock.set(NOON + i * 3_600_000);
      await checkpointer.look(true);
    }
    await checkpointer.close();
    await startCheckpointer(options).close();
    expect(sizes(sent)).toEqual([1]);
  });

  test('names the hash of the last entry it covers, and stands beside the chain', async () => {
    const { file, sent } = await checkpointed();
    const hashes = query<{ seq: number; hash: string }>(
      file,
      'SELECT seq, lower(hex(hash)) AS hash FROM entries WHERE seq IN (4, 8, 12)',
    );
    expect(heads(sent)).toEqual(hashes.map(({ seq, hash }) => ({ origin: ORIGIN, size: seq, hash })));
    expect(query<{ note: string }>(file, 'SELECT note FROM checkpoints').map(({ note }) => note)).toEqual(
      sent,
    );
    expect(await verifyRecord(file, { verifiersOf, checkpoints: heads(sent) })).toMatchObject({
      ok: true,
      entries: 12,
      checkpoints: 6,
    });
  });

  test('is made without anybody asking, and writing goes on meanwhile', async () => {
    const { store, sent, options } = await opened();
    const checkpointer = startCheckpointer({ ...options, lookEveryMs: 5 });
    await Promise.all(Array.from({ length: 100 }, () => store.append(sampleEvent())));
    await vi.waitFor(() => expect(sizes(sent).at(-1)).toBeGreaterThanOrEqual(91));
    await checkpointer.close();
    expect(sizes(sent).at(-1)).toBe(100);
  });

  test('that cannot be signed is told once, and signed when it can be', async () => {
    const { store, sent, options } = await opened();
    await add(store, 1);
    const errors: string[] = [];
    let broken = true;
    const checkpointer = startCheckpointer({
      ...options,
      store: {
        head: () => (broken ? Promise.reject(new Error('the disk is gone')) : store.head()),
        keepCheckpoint: (checkpoint) => store.keepCheckpoint(checkpoint),
      },
      log: { ...silent, error: (facts) => void errors.push(JSON.stringify(facts)) },
    });
    await checkpointer.look();
    await checkpointer.look();
    expect(errors).toEqual(['{"reason":"the disk is gone"}']);
    broken = false;
    await checkpointer.look();
    expect(sizes(sent)).toEqual([1]);
    await checkpointer.close();
  });
});

describe('the database refuses', () => {
  test.each([
    ['a checkpoint over an entry with another hash', "INSERT INTO checkpoints VALUES (13, x'00', 0, '')"],
    ['a changed checkpoint', "UPDATE checkpoints SET note = ''"],
    ['a deleted checkpoint', 'DELETE FROM checkpoints WHERE seq = 8'],
    [
      'a replaced checkpoint',
      "INSERT OR REPLACE INTO checkpoints SELECT seq, hash, 0, '' FROM entries WHERE seq = 8",
    ],
  ])('%s', async (_what, sql) => {
    const { file } = await checkpointed();
    expect(() => raw(file, sql)).toThrow(/only|never/);
  });

  test('a checkpoint through the store that names another hash', async () => {
    const { store } = await opened();
    await add(store, 1);
    const hash = 'ab'.repeat(32);
    const note = signNote(checkpointText({ origin: ORIGIN, size: 1, hash }), signer);
    await expect(store.keepCheckpoint({ seq: 1, hash, at: 0, note })).rejects.toThrow('checkpoints are only');
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 2 });
  });
});

describe('checkpoints that were kept elsewhere', () => {
  test('find a past that was rewritten as a whole, which nothing else does', async () => {
    const { file, sent } = await checkpointed();
    rewritePast(file, 'place_order', 'view_orders');
    expect(await verifyRecord(file, { verifiersOf })).toMatchObject({ ok: true, entries: 12 });
    expect(await verifyRecord(file, { checkpoints: heads(sent) })).toMatchObject({
      ok: false,
      seq: 4,
      problem: 'rewritten',
    });
    // One is enough.
    expect(await verifyRecord(file, { checkpoints: heads(sent.slice(2)) })).toMatchObject({
      ok: false,
      seq: 12,
      problem: 'rewritten',
    });
  });

  test('find it wherever the rewriting begins and whatever else was done, up to the last one', async () => {
    const { file, sent } = await checkpointed();
    const original = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), async (from, cut) => {
        writeFileSync(file, original);
        rewritePast(file, `"seq":${from},`, `"seq":${from},"x":1,`);
        if (cut)
          tamper(
            file,
            `DELETE FROM entries WHERE seq > ${from}; UPDATE sqlite_sequence SET seq = ${from} WHERE name = 'entries'`,
          );
        expect(await verifyRecord(file, { verifiersOf })).toMatchObject({ ok: true });
        const found = await verifyRecord(file, { checkpoints: heads(sent) });
        const covering = Math.ceil(from / 4) * 4;
        const inTime = !cut || from === covering;
        expect(found).toMatchObject(
          inTime
            ? { ok: false, seq: covering, problem: 'rewritten' }
            : { ok: false, seq: from + 1, problem: 'truncated' },
        );
      }),
      { numRuns: 20 },
    );
  });

  test('find an end that was cut off together with every trace of it', async () => {
    const { file, sent } = await checkpointed();
    tamper(
      file,
      `DELETE FROM checkpoints WHERE seq > 10; DELETE FROM entries WHERE seq > 10;
       UPDATE sqlite_sequence SET seq = 10 WHERE name = 'entries'`,
    );
    expect(await verifyRecord(file, { verifiersOf })).toMatchObject({ ok: true, entries: 10 });
    expect(await verifyRecord(file, { checkpoints: heads(sent) })).toMatchObject({
      ok: false,
      seq: 11,
      problem: 'truncated',
    });
  });
});

describe('checkpoints beside the chain', () => {
  test.each([
    [
      'says something else than its note',
      'UPDATE checkpoints SET hash = zeroblob(32) WHERE seq = 8',
      8,
      'checkpoint_altered',
    ],
    [
      'is over more than there is',
      'DELETE FROM entries WHERE seq = 12; UPDATE sqlite_sequence SET seq = 11',
      12,
      'truncated',
    ],
  ])('are compared with it: one that %s', async (_what, sql, seq, problem) => {
    const { file } = await checkpointed();
    tamper(file, sql);
    expect(await verifyRecord(file)).toMatchObject({ ok: false, seq, problem });
  });

  test('that another key signed are found by whoever has the right one', async () => {
    const { file } = await checkpointed();
    const [{ hash } = { hash: '' }] = query<{ hash: string }>(
      file,
      'SELECT lower(hex(hash)) AS hash FROM entries WHERE seq = 8',
    );
    const note = checkpointText({ origin: ORIGIN, size: 8, hash }) + '\n— market.example/audit AAAAAAAA\n';
    tamper(file, `UPDATE checkpoints SET note = '${note}' WHERE seq = 8`);
    expect(await verifyRecord(file)).toMatchObject({ ok: true });
    expect(await verifyRecord(file, { verifiersOf })).toMatchObject({
      seq: 8,
      problem: 'checkpoint_altered',
    });
  });
});

describe('copies', () => {
  test('are added to a file that only its owner can read', async () => {
    const file = join(recordFile(), '../copies.txt');
    const sender = fileSender(file, silent);
    const notes = [1, 2, 3].map((size) =>
      signNote(checkpointText({ origin: ORIGIN, size, hash: 'ab'.repeat(32) }), signer),
    );
    for (const note of notes) sender.send(note);
    await sender.close();
    expect(sizes([readFileSync(file, 'utf8')])).toEqual([1, 2, 3]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written are told, and stop nothing', async () => {
    const file = join(recordFile(), '../nowhere/copies.txt');
    const errors: object[] = [];
    const sender = fileSender(file, { ...silent, error: (facts) => void errors.push(facts) });
    sender.send('note\n');
    await sender.close();
    expect(errors).toMatchObject([{ file }]);
    expect(existsSync(file)).toBe(false);
  });

  test('are posted, again and again until they are taken, in order', async () => {
    const got: string[] = [];
    const hook = await listening((body, times) => {
      got.push(body);
      return times < 3 ? 500 : 204;
    });
    const sender = webhookSender({ url: hook.url, log: silent, pausesMs: [1, 1, 1] });
    sender.send('first\n');
    sender.send('second\n');
    await vi.waitFor(() => expect(got).toEqual(['first\n', 'first\n', 'first\n', 'second\n']));
    await sender.close();
  });

  test('that nobody takes are given up, told without the address, and delay nobody', async () => {
    const told: string[] = [];
    const log: AuditLog = {
      ...silent,
      error: (facts, message) => void told.push(JSON.stringify([facts, message])),
    };
    const hook = await listening(() => 500);
    const sender = webhookSender({ url: `${hook.url}?key=s3cret`, log, pausesMs: [1, 1] });
    sender.send('note\n');
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(hook.count()).toBe(3);
    hook.close();
    const gone = webhookSender({ url: `${hook.url}?key=s3cret`, log, pausesMs: [60_000] });
    gone.send('note\n');
    // Does not wait a minute for the next attempt.
    await gone.close();
    expect(told).toHaveLength(2);
    expect(told.join()).not.toContain('s3cret');
    expect(told.join()).not.toContain('127.0.0.1');
  });

  test('follow no redirect', async () => {
    const told: object[] = [];
    const hook = await listening(() => 302);
    const sender = webhookSender({
      url: hook.url,
      log: { ...silent, error: (facts) => void told.push(facts) },
      pausesMs: [],
    });
    sender.send('note\n');
    await sender.close();
    expect(told).toEqual([{ reason: 'it was not reached' }]);
    expect(hook.count()).toBe(1);
  });
});

async function listening(answer: (body: string, times: number) => number) {
  let times = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      times += 1;
      response.writeHead(answer(body, times), { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return { url: `http://127.0.0.1:${address.port}/hook`, count: () => times, close };
}
