import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { auditStoreContract } from './audit-store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let places = 0;

auditStoreContract(() => {
  places += 1;
  const file = join(folder, `${places}.db`);
  return { open: (clock) => openSqliteAuditStore({ file, clock }) };
});
