/**
 * The story: on a Saturday the disk under the record filled up, on a Sunday a backup program held it locked, on a Monday
 * somebody moved it away to look at it. One product went on acting unrecorded, another took the whole shop down. Whoever
 * acts is told at once that nothing can be recorded, shoppers shop, stopping works, and once the cause is gone everything
 * goes on by itself, with the ends of what was stopped meanwhile on the record.
 */
import { closeSync, copyFileSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { raw } from '../audit-store/raw.ts';
import { runScript } from '../audit-store/run-script.ts';
import { seen } from './fault-table.ts';
import { startFaultyGateway } from './faulty-gateway.ts';
import { onlookers } from './onlookers.ts';
import { refusedAtOnce } from './refused-at-once.ts';
import { smallDisk, type SmallDisk } from './small-disk.ts';
import { healed, look, unready } from './troubled-record.ts';

// Real faults take as long as the machine lets them.
vi.setConfig({ testTimeout: 120_000 });

const LONG = process.env['TORTURE'] !== undefined;

/** What must be root's to break it: a disk of one's own. */
function disk(): SmallDisk | null {
  const made = smallDisk();
  if (made !== null) onTestFinished(() => made.remove());
  return made;
}

test('a record whose disk is full', async ({ skip }) => {
  const own = disk();
  if (own === null)
    return skip('a disk of its own needs root; tests/audit-store/faults.test.ts limits the file');
  const system = await startFaultyGateway({ folder: own.folder });
  const people = onlookers(system.gateway, 5000);
  await people.seat();
  own.fill();
  // Until the record has grown to where it needs another page.
  await expect
    .poll(async () => (await people.mia.send('POST', '/api/orders', {})).status, {
      timeout: 20_000,
      interval: 1,
    })
    .toBe(503);
  const told = await look(system, people);
  own.makeRoom();
  const record = await healed(system, people);
  seen({ part: 'The record', fault: 'Its disk is full', ...told, record });
});

test('a record that another process keeps locked', async () => {
  const system = await startFaultyGateway();
  const people = onlookers(system.gateway, 5000);
  await people.seat();
  const other = runScript('./lock-process.ts', system.auditFile);
  await other.said('locked');
  const began = performance.now();
  await refusedAtOnce(people, 1000);
  await unready(system);
  const told = await look(system, people);
  expect(told.ordinary).toBe('reads 200, writes 201');
  const acting = `${told.acting}; the first waits for a moment, nobody after it`;
  while (performance.now() - began < (LONG ? 10_000 : 2000)) await people.ordinary();
  other.process.stdin.end();
  await other.ended();
  const record = await healed(system, people);
  seen({
    part: 'The record',
    fault: 'Another process holds its lock for ten seconds',
    ...told,
    acting,
    record,
  });
});

test('a record with an overwritten page says what to do, and heals when a whole copy is put in its place', async () => {
  const system = await startFaultyGateway();
  const people = onlookers(system.gateway, 5000);
  await people.seat();
  // A copy as a backup would have it, then damage to every page of the tables, with the log emptied into the file.
  raw(system.auditFile, 'PRAGMA wal_checkpoint(TRUNCATE)');
  copyFileSync(system.auditFile, `${system.auditFile}.backup`);
  overwrite(system.auditFile);
  await expect
    .poll(async () => (await people.mia.send('POST', '/api/orders', {})).status, { timeout: 30_000 })
    .toBe(503);
  await unready(system);
  const told = await look(system, people);
  expect(told.reviewing).toContain('audit verify');
  copyFileSync(`${system.auditFile}.backup`, system.auditFile);
  const record = await healed(system, people);
  seen({ part: 'The record', fault: 'Its pages are overwritten while it is open', ...told, record });
});

/** Everything but the first page, in place: the file stays the one that is open. */
function overwrite(file: string): void {
  const handle = openSync(file, 'r+');
  const noise = Buffer.alloc(statSync(file).size - 4096, 0xff);
  writeSync(handle, noise, 0, noise.length, 4096);
  closeSync(handle);
}

test('a record that was moved away, as a careless rotation does', async () => {
  const system = await startFaultyGateway();
  const people = onlookers(system.gateway, 5000);
  await people.seat();
  renameSync(system.auditFile, `${system.auditFile}.away`);
  await unready(system);
  const told = await look(system, people);
  expect(told.ordinary).toBe('reads 200, writes 201');
  renameSync(`${system.auditFile}.away`, system.auditFile);
  const record = await healed(system, people);
  seen({ part: 'The record', fault: 'Its file is removed or replaced', ...told, record });
});
