/** The record in PostgreSQL, as those meet it who set AUDIT_URL: the gateway itself, and the commands beside it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openPostgresAuditStore } from '../../audit-store/index.ts';
import { loadConfig } from '../../gateway/index.ts';
import { startEvent } from '../audit-store/sample.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { startSystem } from '../system.ts';
import { folderWith, understudy } from './understudy.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.schema();
  const store = await openPostgresAuditStore({ url, clock: { now: () => 0 } });
  await store.append(startEvent('s1'));
  await store.append(startEvent('s2'));
  await store.close();
});
afterAll(() => server.remove());

it('is verified and exported by its address, which is not repeated', async () => {
  const folder = folderWith({});
  const verified = await understudy(folder, 'audit', 'verify', url);
  expect([verified.code, verified.err]).toEqual([0, '']);
  expect(verified.out).toMatch(
    /^postgres:\/\/127\.0\.0\.1:\d+\/records is whole: 2 entries, last hash [0-9a-f]{64}\n$/,
  );
  const exported = await understudy(folder, 'audit', 'export', url);
  expect([exported.code, exported.err]).toEqual([0, '']);
  expect(exported.out.trimEnd().split('\r\n')).toHaveLength(3);
});

it('lets a person be forgotten and old entries go, by its address', async () => {
  const place = await server.schema();
  const store = await openPostgresAuditStore({ url: place, clock: { now: () => 0 } });
  await store.append(startEvent('s1'));
  await store.close();
  const folder = folderWith({});
  const erased = await understudy(folder, 'audit', 'erase', '--person', '10', '--by', 'ria', place);
  expect([erased.code, erased.err]).toEqual([0, '']);
  expect(erased.out).toMatch(
    /^person 10 is erased from postgres:.*\/records: 1 names, 0 addresses\n.*backups.*\n$/,
  );
  const pruned = await understudy(folder, 'audit', 'prune', '--before', '2026-01-01', place);
  expect([pruned.code, pruned.err]).toEqual([0, '']);
  expect(pruned.out).toContain('records: no entries pruned; more is old enough');
  expect((await understudy(folder, 'audit', 'verify', place)).out).toContain('is whole: 2 entries');
});

it('is not rotated as a file is, and the refusal says what to do instead', async () => {
  const run = await understudy(folderWith({}), 'audit', 'rotate', url);
  expect([run.code, run.out]).toEqual([2, '']);
  expect(run.err).toMatch(
    /^understudy: audit rotate is for a file; .*AUDIT_URL names a new schema or database\n$/,
  );
});

it('shows which writes no rule named', async () => {
  const place = await server.schema();
  const store = await openPostgresAuditStore({ url: place, clock: { now: () => 0 } });
  store.note({
    at: 0,
    sessionId: 's1',
    side: 'acting',
    requestId: 'r1',
    method: 'POST',
    path: '/api/unheard-of',
    effect: 'block',
    rule: null,
    reason: 'otherwise_writes',
    statusCode: 403,
  });
  await store.close();
  const policy = join(import.meta.dirname, '../../policy.yaml');
  const run = await understudy(folderWith({}), 'policy', 'coverage', '--record', place, '--policy', policy);
  expect([run.code, run.err]).toEqual([1, '']);
  expect(run.out).toContain('POST /api/unheard-of  seen in records');
});

it.each(['export', 'verify', 'erase'])(
  '%s says in one line why it cannot, and not the password',
  async (verb) => {
    const more = verb === 'erase' ? ['--person', '1'] : [];
    const nowhere = 'postgres://gateway:hush@127.0.0.1:1/records';
    const run = await understudy(folderWith({}), 'audit', verb, ...more, nowhere);
    expect([run.code, run.out]).toEqual([1, '']);
    expect(run.err).toMatch(/^.*postgres:\/\/127\.0\.0\.1:1\/records.*PostgreSQL is not there.*\n$/);
    expect(run.err).not.toContain('hush');
  },
);

it.each(['mysql://a:hush@b/c', 'hush', 'postgres//hush'])(
  'an AUDIT_URL such as %s is refused without repeating it',
  (AUDIT_URL) => {
    const loaded = loadConfig(join(import.meta.dirname, '../../gateway.yaml'), { AUDIT_URL });
    expect(loaded).toEqual({
      ok: false,
      report: 'environment: AUDIT_URL: must be an address such as postgres://role:password@host/database',
    });
  },
);

it('is where the gateway writes when AUDIT_URL says so, and it makes no file', async () => {
  const place = await server.schema();
  const system = await startSystem({ environment: { AUDIT_URL: place } });
  onTestFinished(() => system.close());
  expect(existsSync(system.auditFile)).toBe(false);
  const ready = await fetch(`${system.privateUrl}/_act-as/health/ready`);
  expect(ready.status).toBe(200);
  expect(system.log()).not.toContain('a-secret-of-the-test');
  const verified = await understudy(system.folder, 'audit', 'verify', place);
  expect(verified.out).toMatch(/is whole: \d+ entr/);
});
