/** The writing thread knows people and open intents by heart: what was taken back or blanked since is not believed. */
import { expect, onTestFinished, test } from 'vitest';
import { erasePerson, openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { entryWriter } from '../../audit-store/sqlite/entry-writer.ts';
import { openWriter } from '../../audit-store/sqlite/open-writer.ts';
import { recordFile, testClock } from './record-folder.ts';
import { mia, sampleEvent } from './sample.ts';

const BROKEN = {
  kind: 'recovery',
  at: Number.NaN,
  facts: { intents: 0, sessions: 0, settled: 0 },
} as const;

test('whoever was erased a moment ago and acts again has a name of their own again', async () => {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  onTestFinished(() => store.close());
  await store.append(sampleEvent({ actor: mia }));
  await erasePerson(file, { person: mia.id, reason: null, asked: { by: 'ria', at: 1 } });
  await store.append(sampleEvent({ actor: mia }));
  const { events } = await store.events({}, { limit: 10 });
  expect(events.map(({ actor }) => actor.name)).toEqual([mia.name, '']);
  expect(await verifyRecord(file)).toMatchObject({ ok: true });
});

test('whoever was added by a group that was taken back is added anew', async () => {
  const file = recordFile();
  const connection = openWriter({ file, busyTimeoutMs: 100, maxBytes: null });
  const writer = entryWriter(connection, { instance: 'test', run: 'r1' });
  const event = { kind: 'event', at: 1, event: sampleEvent({ actor: mia }), completes: null } as const;
  expect(() => writer.write([event, BROKEN])).toThrow('NaN');
  expect(writer.write([event])).toMatchObject([{ written: true, seq: 1 }]);
  connection.close();
  expect(await verifyRecord(file)).toMatchObject({ ok: true, entries: 1 });
});

test('an intent that was taken back is not completed, though another entry stands in its place', async () => {
  const file = recordFile();
  const connection = openWriter({ file, busyTimeoutMs: 100, maxBytes: null });
  const writer = entryWriter(connection, { instance: 'test', run: 'r1' });
  const event = sampleEvent({ actor: mia });
  const ended = { kind: 'event', at: 1, event, completes: 1 } as const;
  expect(() => writer.write([{ kind: 'intent', at: 1, event }, BROKEN])).toThrow('NaN');
  expect(writer.write([{ kind: 'event', at: 1, event, completes: null }])).toMatchObject([{ seq: 1 }]);
  expect(writer.write([ended])).toEqual([{ written: false, why: 'no_such_intent' }]);
  connection.close();
});

test('an intent is completed once', async () => {
  const file = recordFile();
  const connection = openWriter({ file, busyTimeoutMs: 100, maxBytes: null });
  const writer = entryWriter(connection, { instance: 'test', run: 'r1' });
  const event = sampleEvent({ actor: mia });
  const ended = { kind: 'event', at: 1, event, completes: 1 } as const;
  expect(writer.write([{ kind: 'intent', at: 1, event }, ended, ended])).toMatchObject([
    { seq: 1 },
    { seq: 2 },
    { written: false, why: 'repeated' },
  ]);
  connection.close();
});
