// The story: several gateways share one record. They write at the same instant, one of them dies, another starts while
// the others work. There is one chain, nothing is on it twice, and nobody gives an end to what somebody else still does.
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  openPostgresAuditStore,
  type PostgresAuditStore,
  verifyPostgresRecord,
} from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { raw } from './postgres-record.ts';
import { runScript } from './run-script.ts';
import { NOON, testClock } from './record-folder.ts';
import { sampleEvent, startEvent } from './sample.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

async function gateway(url: string, instanceId: string): Promise<PostgresAuditStore> {
  const store = await openPostgresAuditStore({ url, clock: testClock(), instanceId });
  onTestFinished(() => store.close());
  return store;
}

const nobody = () => false;

describe('gateways that share a record', () => {
  test('may all start on an empty database at once', async () => {
    const url = await server.schema();
    const stores = await Promise.all(['a', 'b', 'c'].map((name) => gateway(url, name)));
    await Promise.all(stores.map((store) => store.append(sampleEvent())));
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 3 });
  });

  test('write one chain, in which each entry says whose it is', async () => {
    const url = await server.schema();
    const [a, b] = await Promise.all([gateway(url, 'a'), gateway(url, 'b')]);
    const write = (store: PostgresAuditStore) =>
      Promise.all(
        Array.from({ length: 300 }, () =>
          store.intend(sampleEvent()).then((seq) => store.append(sampleEvent(), seq)),
        ),
      );
    await Promise.all([write(a), write(b)]);
    expect(await verifyPostgresRecord(url)).toMatchObject({ ok: true, entries: 1200 });
    const counts = await raw(
      url,
      `SELECT body::jsonb ->> 'instance' AS instance, count(*)::integer AS n FROM entries GROUP BY 1 ORDER BY 1`,
    );
    expect(counts).toEqual([
      { instance: 'a', n: 600 },
      { instance: 'b', n: 600 },
    ]);
    expect(await raw(url, 'SELECT count(*)::integer AS n FROM people')).toEqual([{ n: 2 }]);
  });

  test('end a session once, whichever of them does', async () => {
    const url = await server.schema();
    const [a, b] = await Promise.all([gateway(url, 'a'), gateway(url, 'b')]);
    const ends = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? a : b).append(sampleEvent({ event: i % 3 ? 'stop' : 'expired' })),
      ),
    );
    expect(ends.filter((end) => end !== null)).toHaveLength(1);
  });

  test('see what the others write, and are told of it', async () => {
    const url = await server.schema();
    const [a, b] = await Promise.all([gateway(url, 'a'), gateway(url, 'b')]);
    const told = vi.fn<() => void>();
    const stop = b.follow(told);
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), 5000);
    const written = await a.append(sampleEvent());
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2), 5000);
    expect((await b.events({}, { limit: 1 })).events).toEqual([written]);
    stop();
  });
});

describe('a gateway that starts', () => {
  test('leaves alone what a living sister has begun, and ends what a dead one left', async () => {
    const url = await server.schema();
    const living = await gateway(url, 'living');
    const begun = await living.intend(sampleEvent({ action: 'under way' }));
    const dead = runScript('postgres-gateway-process.ts', url);
    await dead.said('begun');
    dead.process.kill('SIGKILL');
    await dead.ended();

    const next = await gateway(url, 'next');
    expect(await next.recover(nobody)).toEqual({ intents: 1, sessions: 0 });
    const { events } = await next.events({}, { limit: 10 });
    expect(events.map(({ action, details }) => [action, details['note']])).toEqual([
      ['left open', 'the outcome is unknown'],
    ]);
    expect(await living.append(sampleEvent({ action: 'under way' }), begun)).not.toBeNull();
    expect(await next.recover(nobody)).toEqual({ intents: 0, sessions: 0 });
  });

  test('does not end a session that a sister started after it was asked which ones live', async () => {
    const url = await server.schema();
    const sister = await gateway(url, 'sister');
    await sister.append(startEvent('before'));
    const next = await gateway(url, 'next');
    await sister.append(startEvent('since'));
    expect(await next.recover(nobody)).toEqual({ intents: 0, sessions: 1 });
    expect((await next.session('since')).events).toHaveLength(1);
    expect((await next.session('before')).events).toHaveLength(2);
  });

  test('waits a moment for a sister whose connection was cut, and then leaves hers alone too', async () => {
    const url = await server.schema();
    const sister = await gateway(url, 'sister');
    const begun = await sister.intend(sampleEvent());
    const next = await gateway(url, 'next');
    await cutOff(url, 'sister');
    const recovering = next.recover(nobody);
    expect(await recovering).toEqual({ intents: 0, sessions: 0 });
    expect(await sister.append(sampleEvent(), begun)).not.toBeNull();
  });

  test('refuses a record that a newer release made, and leaves it as it is', async () => {
    const url = await server.schema();
    await (await openPostgresAuditStore({ url, clock: testClock() })).close();
    await raw(url, 'UPDATE record_version SET version = 99');
    await expect(openPostgresAuditStore({ url, clock: testClock() })).rejects.toThrow(
      /version 99, made by a newer release/,
    );
    expect(await raw(url, 'SELECT version FROM record_version')).toEqual([{ version: 99 }]);
  });

  test('needs no more than a role that owns its schema', async () => {
    const url = await server.schema();
    await (await openPostgresAuditStore({ url, clock: { now: () => NOON } })).close();
    expect(
      await raw(
        url,
        'SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user',
      ),
    ).toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false }]);
    expect(await raw(url, "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'")).toEqual([]);
  });

  test.each([
    ['a wrong password', (url: string) => url.replace(/:[^:@]*@/, ':not-the-secret@'), /role or password/],
    ['no such database', (url: string) => url.replace('/records', '/none'), /no such database/],
    ['nobody there', (url: string) => url.replace(/:\d+\//, ':1/'), /not there/],
  ])('says where and why it cannot open the record, without the password: %s', async (_title, spoil, why) => {
    const url = spoil(await server.schema());
    const failed = await openPostgresAuditStore({ url, clock: testClock() }).catch((error: unknown) => error);
    expect(String(failed)).toMatch(why);
    expect(String(failed)).toContain('postgres://127.0.0.1:');
    expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toContain('secret');
  });
});

/** Cuts the connection by which a gateway writes. */
async function cutOff(url: string, instance: string): Promise<void> {
  const holder = `SELECT l.pid FROM pg_locks l JOIN runs r ON l.objid = r.ref::oid
    WHERE l.classid = 'entries'::regclass::oid AND l.objsubid = 2 AND l.mode = 'ShareLock' AND r.instance = '${instance}'`;
  const [found] = await raw(url, holder);
  expect(found).toBeDefined();
  await server.asSuperuser(`SELECT pg_terminate_backend(${String(found?.['pid'])})`);
}
