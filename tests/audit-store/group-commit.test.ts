import { describe, expect, onTestFinished, test } from 'vitest';
import { AuditUnavailableError, openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { commitQueue } from '../../audit-store/commit-queue.ts';
import type { PendingEntry, WriteResult } from '../../audit-store/pending-entry.ts';
import { recordFile, testClock } from './record-folder.ts';
import { sampleEvent } from './sample.ts';

/** A disk that answers when the test says so. */
function slowDisk(options: { maxQueued?: number; patienceMs?: number; gone?: () => string | null } = {}) {
  const groups: number[] = [];
  const answers: { answer(): void; fail(): void }[] = [];
  const troubles: (string | null)[] = [];
  const late: number[] = [];
  const queue = commitQueue({
    write(group) {
      groups.push(group.length);
      return new Promise((resolve, reject) => {
        answers.push({
          answer: () => {
            resolve(group.map((_, i): WriteResult => ({ written: true, seq: i, hash: '' })));
          },
          fail: () => {
            reject(new Error('no space'));
          },
        });
      });
    },
    onGroup: (trouble) => troubles.push(trouble),
    onLate: (_entry, seq) => late.push(seq),
    gone: () => options.gone?.() ?? null,
    maxQueued: options.maxQueued ?? 100,
    patienceMs: options.patienceMs ?? 60_000,
  });
  return { queue, groups, answers, troubles, late };
}
const entry: PendingEntry = { kind: 'intent', at: 0, event: sampleEvent() };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('on a real record', () => {
  test('a thousand appends at once share a handful of transactions', async () => {
    const store = await openSqliteAuditStore({ file: recordFile(), clock: testClock() });
    onTestFinished(() => store.close());
    await Promise.all(Array.from({ length: 1000 }, () => store.append(sampleEvent())));
    expect(store.stats()).toMatchObject({ entries: 1000, queued: 0 });
    expect(store.stats().commits).toBeLessThanOrEqual(5);
  });

  test('an append that waits for nobody has a transaction of its own', async () => {
    const store = await openSqliteAuditStore({ file: recordFile(), clock: testClock() });
    onTestFinished(() => store.close());
    for (let i = 0; i < 10; i += 1) await store.append(sampleEvent());
    expect(store.stats()).toMatchObject({ commits: 10, entries: 10 });
  });

  test('closing waits for everything that was asked before', async () => {
    const file = recordFile();
    const store = await openSqliteAuditStore({ file, clock: testClock() });
    const appends = Array.from({ length: 700 }, () => store.append(sampleEvent()));
    await store.close();
    expect((await Promise.all(appends)).every((event) => event !== null)).toBe(true);
    expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 700 });
  });
});

describe('the queue', () => {
  test('gathers what arrives during one commit for the next', async () => {
    const { queue, groups, answers } = slowDisk();
    const first = queue.add(entry);
    await turn();
    const rest = [queue.add(entry), queue.add(entry), queue.add(entry)];
    await turn();
    expect(groups).toEqual([1]);
    expect(queue.length()).toBe(4);
    answers[0]?.answer();
    await first;
    await turn();
    expect(groups).toEqual([1, 3]);
    answers[1]?.answer();
    await Promise.all(rest);
    await queue.idle();
    expect(queue.length()).toBe(0);
  });

  test('refuses at once what would wait behind too many others', async () => {
    const { queue, answers } = slowDisk({ maxQueued: 2 });
    const first = queue.add(entry);
    await turn();
    const waiting = [queue.add(entry), queue.add(entry)];
    await expect(queue.add(entry)).rejects.toThrow(AuditUnavailableError);
    answers[0]?.answer();
    await first;
    await turn();
    answers[1]?.answer();
    await Promise.all(waiting);
  });

  test('rejects the whole group that failed, and writes the next', async () => {
    const { queue, answers, troubles } = slowDisk();
    const failing = [queue.add(entry), queue.add(entry)];
    await turn();
    const next = queue.add(entry);
    answers[0]?.fail();
    for (const outcome of await Promise.allSettled(failing)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AuditUnavailableError' } });
    }
    await turn();
    answers[1]?.answer();
    expect(await next).toMatchObject({ written: true });
    expect(troubles).toEqual(['no space', null]);
  });

  test('does not let anyone wait longer than its patience for a disk that hangs', async () => {
    const { queue, answers, troubles, late } = slowDisk({ patienceMs: 20 });
    const first = queue.add(entry);
    await turn();
    const second = queue.add(entry);
    await expect(first).rejects.toThrow('has not answered for 20 ms');
    await expect(second).rejects.toThrow(AuditUnavailableError);
    // Whoever comes while it still hangs is not kept waiting for it either.
    await expect(queue.add(entry)).rejects.toThrow('has not answered for 20 ms');
    answers[0]?.answer();
    await queue.idle();
    expect(troubles).toEqual(['the record has not answered for 20 ms', null]);
    expect(late).toEqual([0]);
    const next = queue.add(entry);
    await turn();
    answers[1]?.answer();
    expect(await next).toMatchObject({ written: true });
    expect(late).toEqual([0]);
  });

  test('refuses at once what somebody would wait for while the disk counts as gone, and nothing else', async () => {
    let gone: string | null = 'it is gone';
    const { queue, groups, answers } = slowDisk({ gone: () => gone });
    await expect(queue.add(entry)).rejects.toThrow('it is gone');
    await expect(queue.add({ kind: 'event', at: 0, event: sampleEvent(), completes: null })).rejects.toThrow(
      'it is gone',
    );
    const facts = { hash: '', loaded_by: 'start', problem: null } as const;
    const policy = queue.add({ kind: 'policy', at: 0, facts });
    await turn();
    expect(groups).toEqual([1]);
    gone = null;
    const next = queue.add(entry);
    answers[0]?.answer();
    await policy;
    await turn();
    answers[1]?.answer();
    expect(await next).toMatchObject({ written: true });
  });
});
