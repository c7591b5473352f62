import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresAuditStore, openSqliteAuditStore } from '../../audit-store/index.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { auditStoreContract } from './audit-store.contract.ts';

describe('in SQLite', () => {
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
});

describe('in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  auditStoreContract(async () => {
    const url = await server.schema();
    return { open: (clock) => openPostgresAuditStore({ url, clock }) };
  });
});
