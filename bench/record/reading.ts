/** How long the first two pages of every combination of filters take. */
import type { AuditFilter, AuditStore } from '../../audit-store/index.ts';
import { median } from '../summary.ts';
import { FIRST_AT, LAST_AT } from './made-record.ts';

export type FilterTime = { readonly filters: string; readonly medianMs: number; readonly p95Ms: number };

const DAY = 24 * 60 * 60 * 1000;
const MIDDLE = Math.floor((FIRST_AT + LAST_AT) / 2 / DAY) * DAY;

/** The values of each field of the reviewers' form: what many entries have, what few have, and what there is not. */
const FIELDS: readonly (readonly (readonly [name: string, part: AuditFilter])[])[] = [
  [
    ['one day', { from: MIDDLE, before: MIDDLE + DAY }],
    ['the first weeks', { before: FIRST_AT + 20 * DAY }],
  ],
  [
    ['event', { event: 'blocked' }],
    ['event that rarely fails', { event: 'stop' }],
  ],
  [['outcome', { outcome: 'error' }]],
  [
    ['one manager', { manager: 'manager17@' }],
    ['a manager with 3 events', { manager: 'rarely' }],
    ['managers who left', { manager: 'former' }],
    ['many managers', { manager: 'valley' }],
    ['nobody as manager', { manager: 'nobody' }],
    ['shoppers as managers', { manager: 'shopper' }],
  ],
  [
    ['one shopper', { customer: 'number4242' }],
    ['shoppers who left', { customer: 'former' }],
    ['many shoppers', { customer: 'number1' }],
    ['many shoppers whom many managers never meet', { customer: 'hill.example' }],
    ['nearly all shoppers', { customer: 'example' }],
    ['managers as shoppers', { customer: 'manager' }],
  ],
  [
    ['market', { market: 'm-7' }],
    ['a market of 40 events', { market: 'm-tiny' }],
  ],
];
const RUNS = 5;
/** What has taken so long is not asked again. */
const HOPELESS_MS = 4000;

export async function timeFilters(reader: Pick<AuditStore, 'events'>): Promise<readonly FilterTime[]> {
  const times: FilterTime[] = [];
  for (const [filters, filter] of combinations()) {
    const each: number[] = [];
    const page = async (beforeSeq: number | null): Promise<number | null> => {
      const started = performance.now();
      const asked = { limit: 50, ...(beforeSeq !== null && { beforeSeq }) };
      // What takes longer than the store allows is refused, and has taken that long.
      const next = await reader.events(filter, asked).then(
        (found) => found.next,
        () => null,
      );
      each.push(performance.now() - started);
      return next;
    };
    for (let run = 0; run < RUNS && (each[0] ?? 0) < HOPELESS_MS; run += 1) {
      const next = await page(null);
      if (next !== null) await page(next);
    }
    const sorted = each.toSorted((a, b) => a - b);
    times.push({
      filters,
      medianMs: median(each),
      p95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN,
    });
  }
  return times;
}

/** Each field with each of its values or none. */
function combinations(): readonly (readonly [string, AuditFilter])[] {
  const none: readonly (readonly [string, AuditFilter])[] = [['', {}]];
  const all = FIELDS.reduce(
    (before, values) =>
      before.flatMap(([names, filter]) => [
        [names, filter] as const,
        ...values.map(([name, part]) => [`${names} + ${name}`, { ...filter, ...part }] as const),
      ]),
    none,
  );
  return all.map(([names, filter]) => [names.slice(' + '.length) || 'none', filter]);
}
