// The story: PostgreSQL is killed, frozen, restarted, made read-only or far away while people act. Whoever was told that
// something is on the record finds it there, once; who was told that it is not had it refused in time; and it heals.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AuditUnavailableError,
  openPostgresAuditReader,
  openPostgresAuditStore,
  type PostgresAuditStore,
  verifyPostgresRecord,
} from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { raw } from './postgres-record.ts';
import { wireTo } from './postgres-wire.ts';
import { testClock } from './record-folder.ts';
import { sampleEvent, startEvent } from './sample.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

const PATIENCE = { patienceMs: 1000 };

async function opened(url: string, options: { patienceMs?: number } = {}): Promise<PostgresAuditStore> {
  const store = await openPostgresAuditStore({ url, clock: testClock(), ...options });
  onTestFinished(() => store.close());
  return store;
}

async function healed(store: PostgresAuditStore): Promise<void> {
  await vi.waitFor(() => expect(store.health()).toEqual({ ok: true }), { timeout: 15_000, interval: 50 });
}

/** Everything that was acknowledged, and nothing twice. */
async function expectExactly(
  url: string,
  store: PostgresAuditStore,
  expected: readonly string[],
  entries = expected.length,
): Promise<void> {
  const { events } = await store.events({}, { limit: 1000 });
  expect(events.map(({ action }) => action).toReversed()).toEqual(expected);
  expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries });
}

describe('a PostgreSQL that', () => {
  test('was killed refuses at once, says why, and is written to again when it is back', async () => {
    const url = await server.schema();
    const store = await opened(url);
    await store.append(sampleEvent({ action: '1' }));
    await server.kill();
    const began = performance.now();
    await expect(store.append(sampleEvent({ action: 'lost' }))).rejects.toThrow(AuditUnavailableError);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(JSON.stringify(store.health())).toMatch(/"ok":false.*PostgreSQL/);
    await expect(store.events({}, { limit: 1 })).rejects.toThrow(AuditUnavailableError);
    await server.start();
    await healed(store);
    await store.append(sampleEvent({ action: '2' }));
    await expectExactly(url, store, ['1', '2']);
  });

  test('was restarted between two writes is not noticed by the second', async () => {
    const url = await server.schema();
    const store = await opened(url);
    await store.append(sampleEvent({ action: '1' }));
    await server.stop();
    await server.start();
    await store.append(sampleEvent({ action: '2' }));
    await expectExactly(url, store, ['1', '2']);
  });

  test('is frozen lets the first wait for its patience and refuses the others at once, until it has shown that it is back', async () => {
    const url = await server.schema();
    const store = await opened(url, PATIENCE);
    await store.append(sampleEvent({ action: '1' }));
    const intent = await store.intend(sampleEvent({ action: '2' }));
    server.pause();
    try {
      const began = performance.now();
      await expect(store.append(sampleEvent({ action: 'lost' }))).rejects.toThrow(
        'has not answered for 1000 ms',
      );
      expect(performance.now() - began).toBeLessThan(2000);
      // Long enough for the statements under way, the connection and two attempts at another to be given up.
      const waits: number[] = [];
      while (performance.now() - began < 7000) {
        const asked = performance.now();
        const refused = waits.length % 2 === 0 ? store.append(sampleEvent()) : store.intend(sampleEvent());
        await expect(refused).rejects.toThrow(AuditUnavailableError);
        waits.push(performance.now() - asked);
        expect(store.health()).toMatchObject({ ok: false });
        await sleep(10);
      }
      expect(waits.length).toBeGreaterThan(200);
      expect(Math.max(...waits)).toBeLessThan(500);
      // The end of what was under way: it is told that it is not on the record, and it will be.
      await expect(store.append(sampleEvent({ action: '2' }), intent)).rejects.toThrow(AuditUnavailableError);
    } finally {
      server.resume();
    }
    const thawed = performance.now();
    await healed(store);
    expect(performance.now() - thawed).toBeLessThan(5000);
    await store.append(sampleEvent({ action: '3' }));
    await vi.waitFor(() => expectExactly(url, store, ['1', '2', '3'], 4));
  });

  test('is frozen ends an export after its patience, and none that hangs holds up who closes its reader', async () => {
    const url = await server.schema();
    const store = await opened(url, PATIENCE);
    const reader = openPostgresAuditReader(url);
    await store.append(sampleEvent({ action: '1' }));
    const asText = async ({ csvLines }: Pick<PostgresAuditStore, 'csvLines'>) =>
      Buffer.from((await csvLines({}, { limit: 10 })).lines).toString();
    for (const source of [store, reader]) expect(await asText(source)).toMatch(/^[^\n]+,1,[^\n]+\r\n$/);
    server.pause();
    try {
      const asked = performance.now();
      await expect(asText(store)).rejects.toThrow(AuditUnavailableError);
      // The reader has ten seconds of patience.
      const [hanging] = await Promise.allSettled([asText(reader), reader.close()]);
      expect(hanging.status === 'rejected' && hanging.reason).toBeInstanceOf(AuditUnavailableError);
      expect(performance.now() - asked).toBeLessThan(5000);
    } finally {
      server.resume();
    }
  });

  test('became read-only is not written to, and says so without being asked', async () => {
    const url = await server.schema();
    const store = await opened(url);
    await server.asSuperuser(`ALTER DATABASE records SET default_transaction_read_only = on`);
    // What an operator does to an open connection, a restart does to all of them.
    await server.stop();
    await server.start();
    await expect(store.append(sampleEvent())).rejects.toThrow('read-only');
    expect(store.health()).toEqual({ ok: false, reason: 'the record is read-only (25006)' });
    expect((await store.events({}, { limit: 1 })).events).toEqual([]);
    await server.asSuperuser(`ALTER DATABASE records RESET default_transaction_read_only`);
    await server.stop();
    await server.start();
    await healed(store);
    await store.append(sampleEvent({ action: '1' }));
    await expectExactly(url, store, ['1']);
  });

  test('answers half a second late is slow, and nothing else', async () => {
    const url = await server.schema();
    const wire = await wireTo(url);
    const store = await opened(wire.url);
    wire.slow(500);
    await Promise.all(['1', '2', '3'].map((action) => store.append(sampleEvent({ action }))));
    expect(store.health()).toEqual({ ok: true });
    wire.slow(0);
    await expectExactly(url, store, ['1', '2', '3']);
  });

  test('is locked by somebody else is waited for once, no longer than patience', async () => {
    const url = await server.schema();
    const store = await opened(url, PATIENCE);
    await raw(url, 'SELECT 1');
    const holding = raw(
      url,
      `BEGIN; SELECT pg_advisory_xact_lock('entries'::regclass::oid::integer, 0); SELECT pg_sleep(4); COMMIT`,
    );
    await vi.waitFor(async () => {
      const locks = await raw(
        url,
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'",
      );
      expect(locks).toHaveLength(1);
    }, 5000);
    await expect(store.append(sampleEvent({ action: 'lost' }))).rejects.toThrow(
      'holds the record’s lock (55P03)',
    );
    const waits: number[] = [];
    for (;;) {
      const asked = performance.now();
      const refused = await store.append(sampleEvent({ action: '1' })).catch((error: unknown) => error);
      if (!(refused instanceof AuditUnavailableError)) break;
      waits.push(performance.now() - asked);
      await sleep(10);
    }
    // Others than those who add could go on; that is no sign that adding works.
    await holding;
    expect(waits.length).toBeGreaterThan(50);
    expect(Math.max(...waits)).toBeLessThan(500);
    expect(store.health()).toEqual({ ok: true });
    await expectExactly(url, store, ['1']);
  });
});

describe('a commit whose acknowledgement is lost', () => {
  test('for longer than anybody waits is found later, once, and what nobody went on with is given its end', async () => {
    const url = await server.schema();
    const wire = await wireTo(url);
    const store = await opened(wire.url, PATIENCE);
    wire.muteAfterCommit();
    const refused = await Promise.allSettled([
      store.append(startEvent('late')),
      store.intend(sampleEvent({ sessionId: 'late', action: 'intended' })),
    ]);
    for (const one of refused)
      expect(one).toHaveProperty('reason', expect.any(AuditUnavailableError) as unknown);
    const asked = performance.now();
    await expect(store.intend(sampleEvent({ action: 'lost' }))).rejects.toThrow(AuditUnavailableError);
    expect(performance.now() - asked).toBeLessThan(500);
    wire.unmute();
    await healed(store);
    await vi.waitFor(async () => {
      const { events } = await store.session('late');
      expect(events.map(({ event, action, details }) => [event, action, details['note']])).toEqual([
        ['start', 'start_acting', undefined],
        ['expired', 'start_not_confirmed', 'the record answered too late; nobody acted'],
        ['action', 'intended', 'the request was not sent'],
      ]);
    });
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 4 });
  });

  test.each(['before', 'after'] as const)('%s the server had it is on the record once', async (when) => {
    const url = await server.schema();
    const wire = await wireTo(url);
    const store = await opened(wire.url);
    await store.append(sampleEvent({ action: '1' }));
    wire.cutNextCommit(when);
    const [second, third] = await Promise.all(
      ['2', '3'].map((action) => store.append(sampleEvent({ action }))),
    );
    expect([second?.seq, third?.seq]).toEqual([2, 3]);
    await store.append(sampleEvent({ action: '4' }));
    await expectExactly(url, store, ['1', '2', '3', '4']);
    expect((await store.events({}, { limit: 3 })).events.slice(1)).toEqual([third, second]);
  });
});
