/** `understudy audit verify` and `audit export`: the record, checked and taken elsewhere. */
import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { exportCsv, openSqliteAuditReader, verifyRecord } from '../audit-store/index.ts';
import { UsageError } from './usage-error.ts';

export async function auditCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  const { positionals } = parseArgs({ args: rest, allowPositionals: true });
  const file = positionals[0] ?? 'data/audit.db';
  const command = verb === 'verify' ? verify : verb === 'export' ? exportAll : null;
  if (command === null) throw new UsageError('understudy audit knows: verify, export');
  // Opening must not make a record where there is none.
  if (!existsSync(file)) throw new UsageError(`there is no record at ${file}`);
  return command(file);
}

async function verify(file: string): Promise<number> {
  const result = await verifyRecord(file);
  if (result.ok) {
    process.stdout.write(`${file} is whole: ${result.entries} entries, last hash ${result.lastHash}\n`);
    return 0;
  }
  process.stderr.write(`${file} is not whole at entry ${result.seq}: ${result.problem} (${result.detail})\n`);
  return 1;
}

async function exportAll(file: string): Promise<number> {
  const record = openSqliteAuditReader(file);
  try {
    await pipeline(exportCsv(record, {}), process.stdout, { end: false });
    return 0;
  } finally {
    await record.close();
  }
}
