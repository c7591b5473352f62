// The story: PostgreSQL is killed, frozen, restarted, made read-only or far away while people act. Whoever was told that
// something is on the record finds it there, once; who was told that it is not had it refused in time; and it heals.
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AuditUnavailableError,
  openPostgresAuditStore,
  type PostgresAuditStore,
  verifyPostgresRecord,
} from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { raw } from './postgres-record.ts';
import { wireTo } from './postgres-wire.ts';
import { testClock } from './record-folder.ts';
import { sampleEvent } from './sample.ts';

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
): Promise<void> {
  const { events } = await store.events({}, { limit: 1000 });
  expect(events.map(({ action }) => action).toReversed()).toEqual(expected);
  expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: expected.length });
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

  test('is frozen keeps nobody waiting longer than its patience', async () => {
    const url = await server.schema();
    const store = await opened(url, PATIENCE);
    await store.append(sampleEvent({ action: '1' }));
    server.pause();
    try {
      const began = performance.now();
      await expect(store.append(sampleEvent({ action: 'lost' }))).rejects.toThrow(
        'has not answered for 1000 ms',
      );
      await expect(store.append(sampleEvent({ action: 'lost' }))).rejects.toThrow(AuditUnavailableError);
      expect(performance.now() - began).toBeLessThan(2500);
      expect(store.health()).toMatchObject({ ok: false });
    } finally {
      server.resume();
    }
    await healed(store);
    await store.append(sampleEvent({ action: '2' }));
    await expectExactly(url, store, ['1', '2']);
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

  test('is locked by somebody else is waited for no longer than patience', async () => {
    const url = await server.schema();
    const store = await opened(url, PATIENCE);
    await raw(url, 'SELECT 1');
    const holding = raw(
      url,
      `BEGIN; SELECT pg_advisory_xact_lock('entries'::regclass::oid::integer, 0); SELECT pg_sleep(2); COMMIT`,
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
    await holding;
    await healed(store);
    await store.append(sampleEvent({ action: '1' }));
    await expectExactly(url, store, ['1']);
  });
});

describe('a commit whose acknowledgement is lost', () => {
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
