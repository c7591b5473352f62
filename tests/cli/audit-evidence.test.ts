/**
 * The story: what reviewers, auditors and shoppers with rights do with the record, as commands, while the gateway that
 * writes it goes on running.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { query, raw } from '../audit-store/raw.ts';
import { rewritePast } from '../audit-store/rewrite-past.ts';
import { startEvent } from '../audit-store/sample.ts';
import { MINUTE, startSystem, type System } from '../system.ts';
import { visitor } from '../visitor.ts';
import { folderWith, understudy } from './understudy.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const SAM = 'sam@valley.example';

let system: System;
beforeEach(async () => {
  system = await startSystem({
    editGateway: (yaml) =>
      yaml.replace(
        'audit: { file: ./data/audit.db }',
        'audit: { file: ./data/audit.db, checkpoints: { origin: market.example/audit, every_rows: 1, file: ./copies.txt } }',
      ),
  });
});
afterEach(() => system.close());

const run = (...args: string[]) => understudy(system.folder, ...args);
const copies = () => {
  const file = join(system.folder, 'copies.txt');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

async function helpSam(): Promise<void> {
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs(SAMS_ID);
  await mia.stop();
}

const SAMS_ID = 'u-sam';

const entries = () => query<{ n: number }>(system.auditFile, 'SELECT max(seq) AS n FROM entries')[0]?.n ?? 0;

/** Once a checkpoint covers everything there is. */
async function checkpointed(): Promise<void> {
  await expect
    .poll(() => copies().includes(`market.example/audit\n${entries()}\n`), { timeout: 5_000 })
    .toBe(true);
}

describe('audit verify --checkpoints', () => {
  it('agrees with what the gateway sent away, by the key folder or by the verifier alone', async () => {
    await helpSam();
    await checkpointed();
    const verifier = (await run('keys', 'verifier')).out.trim();
    for (const key of [
      ['--keys', 'data/keys'],
      ['--verifier', verifier],
    ]) {
      const found = await run('audit', 'verify', '--checkpoints', 'copies.txt', ...key);
      expect([found.code, found.err]).toEqual([0, '']);
      expect(found.out).toMatch(
        /^data\/audit\.db is whole: \d+ entries, last hash [0-9a-f]{64}, as (?:1 checkpoint says|\d+ checkpoints say)\n$/,
      );
    }
  });

  it('finds a past that was rewritten, which verify alone cannot', async () => {
    await helpSam();
    await checkpointed();
    const file = join(system.folder, 'other.db');
    raw(system.auditFile, `VACUUM INTO '${file}'`);
    rewritePast(file, 'start_acting', 'other_thing');
    expect(await run('audit', 'verify', 'other.db')).toMatchObject({ code: 0 });
    const found = await run(
      'audit',
      'verify',
      'other.db',
      '--checkpoints',
      'copies.txt',
      '--keys',
      'data/keys',
    );
    expect([found.code, found.out]).toEqual([1, '']);
    expect(found.err).toMatch(/^other\.db is not whole at entry \d+: rewritten \(a signed checkpoint over/);
  });

  it('believes no checkpoint that nobody signed, or somebody else', async () => {
    await helpSam();
    await checkpointed();
    writeFileSync(join(system.folder, 'forged.txt'), copies().replace('\n— market', '\n— other'));
    const forged = await run('audit', 'verify', '--checkpoints', 'forged.txt', '--keys', 'data/keys');
    expect(forged).toMatchObject({ code: 1, out: '' });
    expect(forged.err).toMatch(/^forged\.txt is not to be relied on: what begins in line 1 is not signed/);
    const unsaid = await run('audit', 'verify', '--checkpoints', 'copies.txt');
    expect(unsaid).toMatchObject({ code: 2, out: '' });
    expect(unsaid.err).toMatch(/--verifier TEXT or --keys FOLDER/);
  });
});

describe('audit erase', () => {
  it('forgets a person while the gateway runs: pages, file and search know them no more', async () => {
    await helpSam();
    const found = await run('audit', 'erase', '--person', SAMS_ID, '--reason', 'request 17', '--by', 'ria');
    expect([found.code, found.err]).toEqual([0, '']);
    expect(found.out).toMatch(/^person \S+ is erased from data\/audit\.db: 1 names, 0 addresses\n$/);

    const root = visitor(system.url);
    await root.signIn('root@market.example');
    const list = await (await root.get('/admin/impersonation-audit/events.json')).text();
    expect(list).toContain('mia@valley.example');
    expect(list).not.toContain(SAM);
    const csv = await (await root.get('/admin/impersonation-audit/export.csv')).text();
    expect(csv).toContain('Mia');
    expect(csv).not.toContain(SAM);
    const folder = join(system.folder, 'data');
    for (const name of readdirSync(folder).filter((one) => one.startsWith('audit.db')))
      expect([name, readFileSync(join(folder, name)).includes(SAM)]).toEqual([name, false]);

    expect(await run('audit', 'verify')).toMatchObject({ code: 0, err: '' });
    // And acting goes on.
    await helpSam();
    expect(await run('audit', 'verify')).toMatchObject({ code: 0, err: '' });
  });

  it('says whom it does not know, and asks whom', async () => {
    await helpSam();
    expect(await run('audit', 'erase', '--person', 'nobody')).toEqual({
      code: 1,
      out: '',
      err: 'data/audit.db knows no person with the id nobody\n',
    });
    expect(await run('audit', 'erase')).toMatchObject({ code: 2, out: '' });
  });
});

describe('audit prune', () => {
  it('cuts what is old and checkpointed while the gateway runs, and verify says how much', async () => {
    await helpSam();
    await checkpointed();
    const last = entries();
    await system.pass(24 * 60 * MINUTE);
    await helpSam();
    await checkpointed();
    const day = new Date(system.now()).toISOString().slice(0, 10);
    const found = await run('audit', 'prune', '--before', day, '--by', 'ria');
    expect([found.code, found.err]).toEqual([0, '']);
    expect(found.out).toContain(`data/audit.db: entries 1 to ${last} pruned; everything else is newer\n`);
    await helpSam();
    const verified = await run('audit', 'verify', '--checkpoints', 'copies.txt', '--keys', 'data/keys');
    expect([verified.code, verified.err]).toEqual([0, '']);
    expect(verified.out).toContain(`of which 1 to ${last} were pruned`);
  });

  it.each(['yesterday', '2026-02-30T', '9999-01-01'])('does not guess what %s means', async (date) => {
    expect(await run('audit', 'prune', '--before', date)).toMatchObject({ code: 2, out: '' });
  });
});

describe('audit rotate', () => {
  it('waits for the gateway to stop, and the next one goes on with the new file', async () => {
    const busy = await run('audit', 'rotate');
    expect(busy).toMatchObject({ code: 1, out: '' });
    expect(busy.err).toContain('in use by another gateway');
    const folder = folderWith({});
    const file = join(folder, 'data/audit.db');
    const clock = { now: () => system.now() };
    const store = await openSqliteAuditStore({ file, clock });
    await store.append(startEvent('s1'));
    await store.close();
    const found = await understudy(folder, 'audit', 'rotate');
    expect([found.code, found.err]).toEqual([0, '']);
    expect(found.out).toContain('goes on behind entry 1');
    const next = await openSqliteAuditStore({ file, clock });
    expect(await next.append(startEvent('s2'))).toMatchObject({ seq: 3 });
    await next.close();
    expect(await understudy(folder, 'audit', 'verify')).toMatchObject({ code: 0, err: '' });
  });
});

it('help lists every command, and each names what it knows', async () => {
  const folder = folderWith({});
  const help = (await understudy(folder, '--help')).out;
  for (const command of [
    'audit verify',
    'audit export',
    'audit erase',
    'audit prune',
    'audit rotate',
    'keys rotate',
    'keys verifier',
  ])
    expect(help).toContain(`understudy ${command}`);
  expect((await understudy(folder, 'audit', 'lose')).err).toBe(
    'understudy: understudy audit knows: verify, export, erase, prune, rotate\n',
  );
});
