/** `understudy audit …`: the record is checked and taken elsewhere while a gateway goes on writing it. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteAuditStore, type SqliteAuditStore } from '../../audit-store/index.ts';
import { startEvent } from '../audit-store/sample.ts';
import { folderWith, understudy } from './understudy.ts';

let folder: string;
let store: SqliteAuditStore;
beforeEach(async () => {
  folder = folderWith({});
  store = await openSqliteAuditStore({ file: join(folder, 'data/audit.db'), clock: { now: () => 0 } });
  await store.append(startEvent('s1'));
  await store.append(startEvent('s2'));
});
afterEach(() => store.close());

it('exports every event while the gateway has the record open', async () => {
  const run = await understudy(folder, 'audit', 'export');
  expect([run.code, run.err]).toEqual([0, '']);
  const [header, ...rows] = run.out.trimEnd().split('\r\n');
  expect(header).toMatch(/^created_at,event,outcome,/);
  expect(rows).toHaveLength(2);
  // And the gateway writes on.
  expect(await store.append(startEvent('s3'))).not.toBeNull();
});

it('verifies meanwhile as well', async () => {
  const run = await understudy(folder, 'audit', 'verify');
  expect([run.code, run.err]).toEqual([0, '']);
  expect(run.out).toMatch(/^data\/audit\.db is whole: 2 entries, last hash [0-9a-f]{64}\n$/);
});

it.each(['export', 'verify'])(
  '%s names a file that is no record in one line, and leaves it alone',
  async (verb) => {
    const other = folderWith({
      'notes.txt': 'no database, and long enough not to be taken for an empty one',
    });
    const run = await understudy(other, 'audit', verb, 'notes.txt');
    expect([run.code, run.out]).toEqual([1, '']);
    expect(run.err).toMatch(/^.*notes\.txt.*\n$/);
    expect(existsSync(join(other, 'notes.txt-wal'))).toBe(false);
    const absent = await understudy(other, 'audit', verb, 'none.db');
    expect(absent).toEqual({ code: 2, out: '', err: 'understudy: there is no record at none.db\n' });
  },
);
