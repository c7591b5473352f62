/** `understudy audit rotate`: puts a record aside that cannot be gone on with, and begins a new one where it ends. */
import { parseArgs } from 'node:util';
import { rotateRecord } from '../audit-store/index.ts';
import { asked } from './asked.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

export function auditRotate(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { by: { type: 'string' } },
  });
  const place = recordAt(positionals);
  if (place.kind === 'postgres')
    throw new UsageError(
      `audit rotate is for a file; a damaged record in PostgreSQL (${place.name}) is left where it is, and AUDIT_URL names a new schema or database`,
    );
  const { file } = place;
  const { moved, last, hash, counted, problem } = rotateRecord(file, asked(values.by));
  const lines = [
    `${file} is now ${moved}`,
    problem === null ? 'it is sound' : `what is wrong with it: ${problem}`,
    `${file} goes on behind entry ${last} (hash ${hash}) with number ${counted + 1}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
