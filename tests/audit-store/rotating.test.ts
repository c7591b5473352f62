// The story: one Monday the record is damaged, and no gateway goes on with it, rightly. The old file must stay as it is,
// for somebody to look at, and the new one must not pretend to be the beginning of everything.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteAuditStore, rotateRecord, verifyRecord } from '../../audit-store/index.ts';
import { query, tamper } from './raw.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { sampleEvent, startEvent } from './sample.ts';

const asked = { by: 'ria', at: NOON };

async function written(): Promise<string> {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  for (const session of ['s1', 's2', 's3', 's4', 's5', 's6']) await store.append(startEvent(session));
  await store.close();
  return file;
}

const hashAt = (file: string, seq: number) =>
  query<{ hash: string }>(file, `SELECT lower(hex(hash)) AS hash FROM entries WHERE seq = ${seq}`)[0]?.hash;

describe('a new file', () => {
  test('goes on counting behind a damaged one, names its last sound entry, and leaves it as it was', async () => {
    const file = await written();
    tamper(file, "UPDATE entries SET body = replace(body, 'phone', 'fax') WHERE seq = 5");
    await expect(openSqliteAuditStore({ file, clock: testClock() })).rejects.toThrow('entry 5');

    const before = readFileSync(file);
    const result = rotateRecord(file, asked);
    expect(result).toMatchObject({ moved: `${file}.20260418T160000Z`, last: 4, counted: 6 });
    expect(result.problem).toMatch(/^entry 5 is altered/);
    expect(result.hash).toBe(hashAt(result.moved, 4));
    expect(readFileSync(result.moved).equals(before)).toBe(true);

    const store = await openSqliteAuditStore({ file, clock: testClock() });
    onTestFinished(() => store.close());
    expect(await store.append(sampleEvent())).toMatchObject({ seq: 8 });
    const [first] = query<{ seq: number; body: string }>(file, 'SELECT seq, body FROM entries ORDER BY seq');
    expect(first?.seq).toBe(7);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      kind: 'rotation',
      file: result.moved,
      last: 4,
      hash: result.hash,
      counted: 6,
      asked_by: 'ria',
    });
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 8, absent: 6 });
  });

  test('can follow a sound one as well', async () => {
    const file = await written();
    expect(rotateRecord(file, asked)).toMatchObject({ last: 6, counted: 6, problem: null });
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 7, absent: 6 });
  });

  test('follows what was no record at all from the very beginning', async () => {
    const file = await written();
    writeFileSync(
      file,
      'overwritten by somebody, and long enough not to be taken for an empty file'.repeat(200),
    );
    const result = rotateRecord(file, asked);
    expect(result).toMatchObject({ last: 0, counted: 0 });
    expect(result.problem).toContain('not a record');
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 1, absent: 0 });
  });

  test('is not made beside a gateway, nor over another file', async () => {
    const file = await written();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    expect(() => rotateRecord(file, asked)).toThrow('in use by another gateway');
    await store.close();
    copyFileSync(file, `${file}.20260418T160000Z`);
    expect(() => rotateRecord(file, asked)).toThrow('already');
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 6 });
  });

  test('whose kept hash or first entry was altered is found', async () => {
    for (const sql of [
      'UPDATE stretches SET hash = zeroblob(32)',
      "UPDATE entries SET body = replace(body, 'ria', 'eve')",
      'DELETE FROM stretches',
    ]) {
      const file = await written();
      rotateRecord(file, asked);
      tamper(file, sql);
      expect(await verifyRecord(file)).toMatchObject({ ok: false });
    }
  });
});
