// The story: the disk took six seconds; the manager was told after five that nothing could be recorded, and went home. The
// start was on disk all the same, and for weeks the record showed somebody in a shopper's seat.
import { expect, onTestFinished, test, vi } from 'vitest';
import { AuditUnavailableError, LOST, openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { recordFile, testClock } from './record-folder.ts';
import { runScript } from './run-script.ts';
import { sampleEvent, startEvent } from './sample.ts';

test('what is on disk after its caller was refused is given its end', async () => {
  const file = recordFile();
  // A disk is never that fast.
  const store = await openSqliteAuditStore({ file, clock: testClock(), patienceMs: 0 });
  onTestFinished(() => store.close());
  const filler = Array.from({ length: 200 }, () => store.append(sampleEvent()));
  const refused = await Promise.allSettled([
    store.append(startEvent('late')),
    store.intend(sampleEvent({ sessionId: 'late', action: 'intended' })),
    ...filler,
  ]);
  for (const one of refused.slice(0, 2)) {
    expect(one.status).toBe('rejected');
    expect(one).toHaveProperty('reason', expect.any(AuditUnavailableError) as unknown);
  }
  await vi.waitFor(async () => {
    const { events } = await store.session('late');
    expect(events.map(({ event, action, details }) => [event, action, details['note']])).toEqual([
      ['start', 'start_acting', undefined],
      ['expired', 'start_not_confirmed', 'the record answered too late; nobody acted'],
      ['action', 'intended', 'the request was not sent'],
    ]);
  });
  await store.close();
  const next = await openSqliteAuditStore({ file, clock: testClock() });
  onTestFinished(() => next.close());
  expect(await next.recover(() => false)).toEqual({ intents: 0, sessions: 0 });
  expect(await verifyRecord(file)).toMatchObject({ ok: true });
});

test('after a kill, the trace of each session that was open says that its last moments may be missing', async () => {
  const file = recordFile();
  const killed = runScript('./gateway-process.ts', file, 'r');
  await killed.wrote(30);
  killed.process.kill('SIGKILL');
  await killed.ended();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.recover((id) => id === 'r-a');
  await vi.waitFor(async () => {
    for (const session of ['r-a', 'r-b'])
      expect((await store.session(session)).decisions).toMatchObject([
        { effect: LOST, reason: expect.stringContaining('may be missing') as unknown },
      ]);
  });
  await store.close();
  // One that was closed in order has lost nothing.
  const next = await openSqliteAuditStore({ file, clock: testClock() });
  await next.recover((id) => id === 'r-a');
  await next.close();
  const last = await openSqliteAuditStore({ file, clock: testClock() });
  onTestFinished(() => last.close());
  expect((await last.session('r-a')).decisions).toHaveLength(1);
});
