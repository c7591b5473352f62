/** `understudy audit erase`: forgets a person's particulars, and leaves what was done on the record. */
import { parseArgs } from 'node:util';
import { erasePerson, erasePostgresPerson } from '../audit-store/index.ts';
import { asked } from './asked.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

const STILL_IN = {
  file: 'the write-ahead log, because it is being read',
  postgres: 'its tables, because a long transaction may still read them',
} as const;

export async function auditErase(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { person: { type: 'string' }, reason: { type: 'string' }, by: { type: 'string' } },
  });
  const { person, reason = null, by } = values;
  if (person === undefined || person === '') throw new UsageError('whom? understudy audit erase --person ID');
  const place = recordAt(positionals);
  const options = { person, reason, asked: asked(by) };
  const result =
    place.kind === 'file'
      ? await erasePerson(place.file, options)
      : await erasePostgresPerson(place.url, options);
  if (!result.found) {
    process.stderr.write(`${place.name} knows no person with the id ${person}\n`);
    return 1;
  }
  const { people, origins, purged } = result;
  process.stdout.write(
    people + origins === 0
      ? `person ${person} was erased from ${place.name} before\n`
      : `person ${person} is erased from ${place.name}: ${people} names, ${origins} addresses\n`,
  );
  if (!purged) {
    process.stderr.write(`older copies are still in ${STILL_IN[place.kind]}; run this again\n`);
    return 1;
  }
  if (place.kind === 'postgres')
    process.stdout.write(
      "replicas, backups and the server's own log keep older copies for as long as they are kept\n",
    );
  return 0;
}
