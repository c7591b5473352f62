/**
 * The story: one page of the record was damaged on Friday, nobody noticed, and on Monday the gateway was restarted for an
 * unrelated reason and refused to start: the shop was closed because of its audit log. A record that is there and cannot
 * be used keeps everybody from acting, and nobody from shopping.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { raw } from '../audit-store/raw.ts';
import { sampleEvent } from '../audit-store/sample.ts';
import { seen } from './fault-table.ts';
import { startFaultyGateway } from './faulty-gateway.ts';
import { onlookers } from './onlookers.ts';
import { smallDisk } from './small-disk.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

/** A folder with a record of one event, and what an operator does to mend it. */
async function place(folder = mkdtempSync(join(tmpdir(), 'understudy-start-'))): Promise<string> {
  onTestFinished(() => rmSync(join(folder, 'data'), { recursive: true, force: true }));
  const store = await openSqliteAuditStore({ file: join(folder, 'data/audit.db'), clock: Date });
  await store.append(sampleEvent());
  await store.close();
  return folder;
}

async function expectActingOff(folder: string, fault: string, mend: () => unknown): Promise<void> {
  const system = await startFaultyGateway({ folder });
  const people = onlookers(system.gateway, 5000);
  const [acting, ordinary, reviewing] = [
    await people.acting(),
    await people.ordinary(),
    await people.reviewing(),
  ];
  expect(acting).toContain('starting 503 `audit_unavailable`');
  expect(system.log()).toContain('the audit record cannot be opened; nobody can act');
  await mend();
  const ready = `${system.gateway.privateUrl}/_act-as/health/ready`;
  await expect.poll(async () => (await fetch(ready)).status, { timeout: 30_000 }).toBe(200);
  await people.seat();
  expect((await people.mia.send('POST', '/api/orders', {})).status).toBe(201);
  await people.mia.stop();
  seen({
    part: 'The record',
    fault,
    acting: acting.replace(/^reads.*, (?=starting)/, ''),
    ordinary,
    // Which release this one is, is none of the page's.
    reviewing: reviewing.replace(/ \(\d+\)$/, ''),
    record: 'untouched until it is mended; then it is opened without a restart',
  });
}

test('a damaged page', async () => {
  const folder = await place();
  const file = join(folder, 'data/audit.db');
  const whole = readFileSync(file);
  writeFileSync(file, Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0xff)]));
  await expectActingOff(folder, 'At start: its pages are damaged', () => writeFileSync(file, whole));
});

test('a file that is no record at all', async () => {
  const folder = await place();
  const file = join(folder, 'data/audit.db');
  writeFileSync(file, 'this is not a database, whatever its name says');
  await expectActingOff(folder, 'At start: the file is no record', () => rmSync(file));
});

test('a record of a newer release', async () => {
  const folder = await place();
  const file = join(folder, 'data/audit.db');
  const version = readFileSync(file).readUInt32BE(60);
  raw(file, 'PRAGMA user_version = 99');
  await expectActingOff(folder, 'At start: a newer release wrote it', () =>
    raw(file, `PRAGMA user_version = ${version}`),
  );
});

test('a record that another gateway still has', async () => {
  const folder = await place();
  const other = await openSqliteAuditStore({ file: join(folder, 'data/audit.db'), clock: Date });
  onTestFinished(() => other.close());
  await expectActingOff(folder, 'At start: another gateway has it', () => other.close());
});

test('a disk that has become read-only', async ({ skip }) => {
  const own = smallDisk();
  if (own === null) return skip('a disk of its own needs root');
  onTestFinished(() => own.remove());
  // Configuration and keys are elsewhere, as on a read-only system with one volume for data.
  const folder = mkdtempSync(join(tmpdir(), 'understudy-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(own.folder, 'record'));
  const file = join(own.folder, 'record/audit.db');
  const store = await openSqliteAuditStore({ file, clock: Date });
  await store.close();
  own.readOnly(true);
  const system = await startFaultyGateway({
    folder,
    editGateway: (yaml) => yaml.replace('./data/audit.db', file),
  });
  const people = onlookers(system.gateway, 5000);
  const acting = (await people.acting()).replace(/^reads.*, (?=starting)/, '');
  const [ordinary, reviewing] = [await people.ordinary(), await people.reviewing()];
  own.readOnly(false);
  const ready = `${system.gateway.privateUrl}/_act-as/health/ready`;
  await expect.poll(async () => (await fetch(ready)).status, { timeout: 30_000 }).toBe(200);
  seen({
    part: 'The record',
    fault: 'At start: its disk is read-only',
    acting,
    ordinary,
    reviewing,
    record: 'untouched until it is mended; then it is opened without a restart',
  });
});
