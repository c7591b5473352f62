/** `understudy audit prune`: cuts off what is older than it may become, as far as it is checkpointed. */
import { parseArgs } from 'node:util';
import { prunePostgresRecord, type PruneResult, pruneRecord } from '../audit-store/index.ts';
import { asked } from './asked.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

const KEPT: Readonly<Record<PruneResult['kept'], string>> = {
  newer: 'everything else is newer',
  not_checkpointed: 'more is old enough, and stays until a checkpoint covers it',
  open: 'more is old enough, and stays because an action or a session in it has not ended',
};

export async function auditPrune(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      before: { type: 'string' },
      'decisions-only': { type: 'boolean', default: false },
      by: { type: 'string' },
    },
  });
  const before = moment(values.before);
  const place = recordAt(positionals);
  const decisionsOnly = values['decisions-only'];
  const options = { before, decisionsOnly, asked: asked(values.by) };
  const { cut, decisions, kept } =
    place.kind === 'file'
      ? await pruneRecord(place.file, options)
      : await prunePostgresRecord(place.url, options);
  if (!decisionsOnly) {
    const entries = cut === null ? 'no entries' : `entries ${cut.first} to ${cut.last}`;
    process.stdout.write(`${place.name}: ${entries} pruned; ${KEPT[kept]}\n`);
  }
  process.stdout.write(`${place.name}: ${decisions} decisions of the finer trace pruned\n`);
  return 0;
}

/** Milliseconds UTC; a day begins at midnight UTC. */
function moment(text: string | undefined): number {
  const dated = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text ?? '');
  const at = dated ? Date.parse(text ?? '') : Number.NaN;
  if (Number.isNaN(at)) {
    throw new UsageError(
      'before when? understudy audit prune --before 2026-01-31 (UTC; or 2026-01-31T12:00Z)',
    );
  }
  if (at > Date.now()) throw new UsageError(`${text} is yet to come`);
  return at;
}
