import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOST, openSqliteAuditStore } from '../../audit-store/index.ts';
import { noteBuffer } from '../../audit-store/note-buffer.ts';
import { query } from './raw.ts';
import { recordFile, testClock } from './record-folder.ts';
import { sampleNote } from './sample.ts';

/** A buffer whose writer the test lets fail. */
function buffer(maxNotes: number) {
  const groups: number[] = [];
  const lost: string[] = [];
  const told: number[] = [];
  const disk = { works: true };
  const notes = noteBuffer({
    write(group) {
      if (!disk.works) return Promise.reject(new Error('no space'));
      groups.push(group.length);
      for (const { effect, sessionId, reason } of group)
        if (effect === LOST) lost.push(`${sessionId}: ${reason}`);
      return Promise.resolve();
    },
    onDropped: (count) => told.push(count),
    maxNotes,
  });
  return { notes, groups, told, lost, disk };
}

describe('decisions', () => {
  test('are on the record within moments, without anybody asking', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    onTestFinished(() => store.close());
    store.note(sampleNote({ path: '/a\r\nb' }));
    await vi.waitFor(async () => {
      expect((await store.session('s1')).decisions).toEqual([sampleNote({ path: '/a\\u000d\\u000ab' })]);
    });
  });

  test('are no part of the chain', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    store.note(sampleNote());
    await store.close();
    expect(query(file, 'SELECT count(*) AS n FROM entries')).toEqual([{ n: 0 }]);
    expect(query(file, 'SELECT decisions FROM traces')).toEqual([{ decisions: 1 }]);
  });

  test('are written a thousand at a time', async () => {
    const { notes, groups } = buffer(10_000);
    for (let i = 0; i < 2_250; i += 1) notes.add(sampleNote());
    await notes.close();
    expect(groups).toEqual([1000, 1000, 250]);
  });

  test('of long paths are written fewer at a time: a group is read in one piece, by whoever looks at the session', async () => {
    const { notes, groups } = buffer(10_000);
    for (let i = 0; i < 100; i += 1) notes.add(sampleNote({ path: '/'.padEnd(8_192, 'x') }));
    notes.add(sampleNote({ path: '/'.padEnd(1_000_000, 'x') }));
    await notes.close();
    expect(groups).toEqual([32, 32, 32, 4, 1]);
  });

  test('beyond the bound are dropped and counted, and the trace of each session says so once writing works', async () => {
    const { notes, groups, told, lost, disk } = buffer(10);
    disk.works = false;
    for (let i = 0; i < 14; i += 1) notes.add(sampleNote());
    notes.add(sampleNote({ sessionId: 's2' }));
    expect(notes.dropped()).toBe(5);
    expect(told).toEqual([]);
    disk.works = true;
    await notes.close();
    expect(groups).toEqual([10, 2]);
    expect(told).toEqual([5]);
    expect(lost).toEqual([
      's1: 4 decisions could not be written in time',
      's2: 1 decision could not be written in time',
    ]);
  });

  test('that cannot be written before the end are counted as dropped', async () => {
    const { notes, told, disk } = buffer(10);
    disk.works = false;
    for (let i = 0; i < 3; i += 1) notes.add(sampleNote());
    await notes.close();
    expect(told).toEqual([3]);
    expect(notes.dropped()).toBe(3);
  });

  test('after the store is closed are ignored', async () => {
    const store = await openSqliteAuditStore({ file: recordFile(), clock: testClock() });
    await store.close();
    expect(() => {
      store.note(sampleNote());
    }).not.toThrow();
  });
});
