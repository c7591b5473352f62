/** `understudy audit erase`: forgets a person's particulars, and leaves what was done on the record. */
import { parseArgs } from 'node:util';
import { erasePerson } from '../audit-store/index.ts';
import { asked } from './asked.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

export async function auditErase(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { person: { type: 'string' }, reason: { type: 'string' }, by: { type: 'string' } },
  });
  const { person, reason = null, by } = values;
  if (person === undefined || person === '') throw new UsageError('whom? understudy audit erase --person ID');
  const file = recordAt(positionals);
  const result = await erasePerson(file, { person, reason, asked: asked(by) });
  if (!result.found) {
    process.stderr.write(`${file} knows no person with the id ${person}\n`);
    return 1;
  }
  const { people, origins, purged } = result;
  process.stdout.write(
    people + origins === 0
      ? `person ${person} was erased from ${file} before\n`
      : `person ${person} is erased from ${file}: ${people} names, ${origins} addresses\n`,
  );
  if (purged) return 0;
  process.stderr.write(
    'older copies are still in the write-ahead log, because it is being read; run this again\n',
  );
  return 1;
}
