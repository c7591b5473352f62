/** `understudy audit …`: the record, checked, taken elsewhere and looked after. */
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { exportCsv, openPostgresAuditReader, openSqliteAuditReader } from '../audit-store/index.ts';
import { auditErase } from './audit-erase.ts';
import { auditPrune } from './audit-prune.ts';
import { auditRotate } from './audit-rotate.ts';
import { auditVerify } from './audit-verify.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

export async function auditCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case 'verify':
      return auditVerify(rest);
    case 'export':
      return auditExport(rest);
    case 'erase':
      return auditErase(rest);
    case 'prune':
      return auditPrune(rest);
    case 'rotate':
      return auditRotate(rest);
    case undefined:
    default:
      throw new UsageError('understudy audit knows: verify, export, erase, prune, rotate');
  }
}

async function auditExport(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const place = recordAt(positionals);
  const record =
    place.kind === 'file' ? openSqliteAuditReader(place.file) : openPostgresAuditReader(place.url);
  try {
    await pipeline(exportCsv(record, {}), process.stdout, { end: false });
    return 0;
  } finally {
    await record.close();
  }
}
