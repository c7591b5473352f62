/**
 * The story: the record was moved to a database server, and now there is one more machine to die, freeze, restart, become
 * a read-only replica, or answer from too far away. Whoever acts is told within seconds that nothing can be recorded, and
 * nothing of theirs goes through; shoppers do not notice; and when it is back everything goes on by itself.
 */
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { verifyPostgresRecord } from '../../audit-store/index.ts';
import { raw } from '../audit-store/postgres-record.ts';
import { wireTo } from '../audit-store/postgres-wire.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { seen } from './fault-table.ts';
import { startFaultyGateway, type FaultyGateway } from './faulty-gateway.ts';
import { onlookers, type Onlookers } from './onlookers.ts';
import { refusedAtOnce } from './refused-at-once.ts';
import { smallDisk } from './small-disk.ts';
import { healed, look, unready } from './troubled-record.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

/** The gateway gives the database five seconds for one answer. */
const WITHIN_MS = 8000;
/** Until the statements of the first one were given up, and others begin to be made. */
const HANGS_MS = 9000;
const SHOPS = 'reads 200, writes 201';
/** PostgreSQL's own user in these tests. */
const NOBODY = 65_534;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

type Seated = {
  readonly system: FaultyGateway;
  readonly people: Onlookers;
  readonly healed: () => Promise<string>;
};

/** @param url how the gateway reaches it, where that is another way than the test's own */
async function seated(place: string, url = place): Promise<Seated> {
  const system = await startFaultyGateway({ environment: { AUDIT_URL: url } });
  const people = onlookers(system.gateway, WITHIN_MS);
  await people.seat();
  return { system, people, healed: () => healed(system, people, () => verifyPostgresRecord(place)) };
}

test('killed', async () => {
  const { system, people, healed: heal } = await seated(await server.schema());
  await server.kill();
  await unready(system);
  const all = await look(system, people);
  expect(all.ordinary).toBe(SHOPS);
  await server.start();
  seen({ part: 'PostgreSQL', fault: 'It is killed', ...all, record: await heal() });
});

test('restarted between two requests', async () => {
  const { people, system } = await seated(await server.schema());
  await server.stop();
  await server.start();
  // The connection that says that this gateway lives is opened anew.
  await expect
    .poll(async () => (await fetch(`${system.gateway.privateUrl}/_act-as/health/ready`)).status)
    .toBe(200);
  const [acting, ordinary] = [await people.acting(), await people.ordinary()];
  const [reviewing, stopping] = [await people.reviewing(), await people.stopping()];
  seen({
    part: 'PostgreSQL',
    fault: 'It is restarted',
    acting: `${acting}, ${stopping}`,
    ordinary,
    reviewing,
    record: 'whole; nobody noticed',
  });
});

test('read-only, as after a failover that went wrong', async () => {
  const { system, people, healed: heal } = await seated(await server.schema());
  const restarted = async (sql: string): Promise<void> => {
    await server.asSuperuser(sql);
    await server.stop();
    await server.start();
  };
  await restarted('ALTER DATABASE records SET default_transaction_read_only = on');
  await expect
    .poll(async () => (await people.mia.send('POST', '/api/orders', {})).status, { timeout: 20_000 })
    .toBe(503);
  await unready(system);
  const all = await look(system, people);
  await restarted('ALTER DATABASE records RESET default_transaction_read_only');
  seen({ part: 'PostgreSQL', fault: 'It is read-only', ...all, record: await heal() });
});

test('its disk is full', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === null) return skip('a disk of its own needs root');
  onTestFinished(() => disk.remove());
  const own = await startPostgres();
  onTestFinished(() => own.remove());
  const folder = join(disk.folder, 'tables');
  chmodSync(dirname(disk.folder), 0o755);
  mkdirSync(folder);
  chownSync(folder, NOBODY, NOBODY);
  await own.asSuperuser(`CREATE TABLESPACE small LOCATION '${folder}'`);
  await own.asSuperuser('GRANT CREATE ON TABLESPACE small TO gateway');
  await own.asSuperuser('ALTER ROLE gateway SET default_tablespace = small');
  const { system, people, healed: heal } = await seated(await own.schema());
  disk.fill();
  // Until a table has grown to where it needs another page.
  await expect
    .poll(async () => (await people.mia.send('POST', '/api/orders', {})).status, {
      timeout: 30_000,
      interval: 1,
    })
    .toBe(503);
  // And until what refused entries had taken of a page, and was swept up, takes none of them either.
  let refused = 0;
  await expect
    .poll(
      async () => {
        const { status } = await people.mia.send('POST', '/api/orders', {});
        return (refused = status === 503 ? refused + 1 : 0);
      },
      { timeout: 60_000, interval: 200 },
    )
    .toBeGreaterThan(8);
  const all = await look(system, people);
  disk.makeRoom();
  return seen({ part: 'PostgreSQL', fault: 'Its disk is full', ...all, record: await heal() });
});

// Each takes its time and no work: they take it together.
test('frozen, half a second late, or locked by a session that never ends', async () => {
  const shoppers = await Promise.all([frozen(), late(), locked()]);
  expect(new Set(shoppers)).toEqual(new Set([SHOPS]));
});

async function frozen(): Promise<string> {
  const own = await startPostgres();
  onTestFinished(() => own.remove());
  const { system, people, healed: heal } = await seated(await own.schema());
  own.pause();
  let all;
  try {
    await refusedAtOnce(people, HANGS_MS);
    all = await look(system, people);
  } finally {
    own.resume();
  }
  const acting = `${all.acting}; the first waits for five seconds, nobody after it`;
  seen({ part: 'PostgreSQL', fault: 'It freezes (SIGSTOP)', ...all, acting, record: await heal() });
  return all.ordinary;
}

async function late(): Promise<string> {
  const place = await server.schema();
  const wire = await wireTo(place);
  const { people } = await seated(place, wire.url);
  wire.slow(500);
  const [acting, ordinary] = [await people.acting(), await people.ordinary()];
  const [reviewing, stopping] = [await people.reviewing(), await people.stopping()];
  expect(await verifyPostgresRecord(place)).toMatchObject({ ok: true });
  seen({
    part: 'PostgreSQL',
    fault: 'It answers 500 ms late',
    acting: `${acting}, ${stopping}; each that is recorded waits`,
    ordinary: `${ordinary}; nobody waits`,
    reviewing,
    record: 'whole',
  });
  return ordinary;
}

async function locked(): Promise<string> {
  const place = await server.schema();
  const { system, people, healed: heal } = await seated(place);
  const lock = `BEGIN; SELECT pg_advisory_xact_lock('entries'::regclass::oid::integer, 0); SELECT pg_sleep(600)`;
  const holding = raw(place, lock).catch(String);
  const holders = `FROM pg_stat_activity WHERE query LIKE 'BEGIN; SELECT pg_advisory%pg_sleep(600)'`;
  await expect
    .poll(() => server.asSuperuser(`SELECT 1 ${holders} AND wait_event = 'PgSleep'`))
    .toHaveLength(1);
  await refusedAtOnce(people, HANGS_MS);
  await unready(system);
  const all = await look(system, people);
  await server.asSuperuser(`SELECT pg_terminate_backend(pid) ${holders}`);
  await holding;
  const acting = `${all.acting}; the first waits for four seconds, nobody after it`;
  seen({
    part: 'PostgreSQL',
    fault: 'Somebody holds the record’s lock',
    ...all,
    acting,
    record: await heal(),
  });
  return all.ordinary;
}
