/** `understudy policy coverage`: the routes that change something and that no rule names, with a rule proposed for each. */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { readUnnamedPostgresWrites, readUnnamedWrites } from '../audit-store/index.ts';
import {
  findUnnamed,
  fromHar,
  fromOpenApi,
  type Policy,
  type SeenReading,
  type SeenRequest,
  type SeenRoute,
  spellSuggestion,
  suggestRules,
} from '../policy/index.ts';
import { readInput, readPolicyFile } from './read-policy-file.ts';
import { recordAt } from './record-at.ts';
import { UsageError } from './usage-error.ts';

const OPTIONS = {
  policy: { type: 'string', default: 'policy.yaml' },
  record: { type: 'string', multiple: true },
  openapi: { type: 'string', multiple: true },
  har: { type: 'string', multiple: true },
  host: { type: 'string' },
} as const;

export async function policyCoverage(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { record = [], openapi = [], har = [], host = null } = values;
  if (record.length + openapi.length + har.length === 0)
    throw new UsageError(
      'which routes has the app? Name at least one of --record data/audit.db (or postgres://…), --openapi FILE, --har FILE',
    );
  const read = readPolicyFile(values.policy);
  if (read === null) return 1;
  const readings: readonly SeenReading[] = [
    ...(await Promise.all(record.map(fromRecord))),
    ...openapi.map((file) => fromOpenApi(basename(file), readInput(file, 'OpenAPI description'))),
    ...har.map((file) => fromHar(basename(file), readInput(file, 'recording'), host)),
  ];
  const seen: SeenRequest[] = [];
  for (const reading of readings) {
    if (!reading.ok) throw new UsageError(reading.message);
    seen.push(...reading.seen);
    if (reading.leftOut !== null) process.stderr.write(`${reading.leftOut}\n`);
  }
  const { writes, unnamed } = findUnnamed(read.policy, seen);
  process.stdout.write(report(read.policy, writes, unnamed));
  return unnamed.length > 0 ? 1 : 0;
}

async function fromRecord(named: string): Promise<SeenReading> {
  const place = recordAt([named]);
  const found =
    place.kind === 'file' ? readUnnamedWrites(place.file) : await readUnnamedPostgresWrites(place.url);
  const source = basename(place.name);
  return { ok: true, seen: found.map((one) => ({ ...one, described: false, source })), leftOut: null };
}

function report(policy: Policy, writes: number, unnamed: readonly SeenRoute[]): string {
  if (unnamed.length === 0)
    return writes === 0
      ? 'no route that changes something was seen\n'
      : `every one of the ${writes} ${writes === 1 ? 'route' : 'routes'} that change something is named by a rule\n`;
  const { writes: otherwise } = policy.settings.otherwise;
  const width = Math.max(...unnamed.map(({ method, pattern }) => method.length + 1 + pattern.length));
  const lines = unnamed.map(({ method, pattern, times, sources }) => {
    const often = times > sources.length ? `, ${times} times` : '';
    return `  ${`${method} ${pattern}`.padEnd(width)}  seen in ${sources.join(', ')}${often}`;
  });
  const suggestions = suggestRules(
    unnamed,
    policy.rules.map(({ id }) => id),
  );
  return [
    `${unnamed.length} of ${writes} routes that change something are named by no rule (otherwise: writes: ${otherwise}):`,
    '',
    ...lines,
    '',
    'Rules to begin with; read each before you use it:',
    '',
    ...suggestions.map(spellSuggestion),
    '',
  ].join('\n');
}
