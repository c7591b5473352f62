/** How long the first page of every combination of filters takes. */
import type { AuditFilter, AuditStore } from '../../audit-store/index.ts';
import { median } from '../summary.ts';
import { FIRST_AT, LAST_AT } from './made-record.ts';

export type FilterTime = { readonly filters: string; readonly medianMs: number; readonly p95Ms: number };

const DAY = 24 * 60 * 60 * 1000;
const MIDDLE = Math.floor((FIRST_AT + LAST_AT) / 2 / DAY) * DAY;

/** One value for each field of the reviewers' form, and for people one that few and one that many have. */
const PARTS: readonly (readonly [name: string, part: AuditFilter])[] = [
  ['one day', { from: MIDDLE, before: MIDDLE + DAY }],
  ['event', { event: 'blocked' }],
  ['outcome', { outcome: 'error' }],
  ['one manager', { manager: 'manager17@' }],
  ['many managers', { manager: 'valley' }],
  ['one shopper', { customer: 'number4242' }],
  ['many shoppers', { customer: 'hill.example' }],
  ['market', { market: 'm-7' }],
];
const RUNS = 20;

export async function timeFilters(reader: Pick<AuditStore, 'events'>): Promise<readonly FilterTime[]> {
  const times: FilterTime[] = [];
  for (const [filters, filter] of combinations()) {
    const each: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const started = performance.now();
      await reader.events(filter, { limit: 50 });
      each.push(performance.now() - started);
    }
    const sorted = each.toSorted((a, b) => a - b);
    times.push({ filters, medianMs: median(each), p95Ms: sorted[Math.ceil(RUNS * 0.95) - 1] ?? Number.NaN });
  }
  return times;
}

/** All subsets but those that ask twice for one side. */
function combinations(): readonly (readonly [string, AuditFilter])[] {
  const found: [string, AuditFilter][] = [];
  for (let bits = 0; bits < 2 ** PARTS.length; bits += 1) {
    const chosen = PARTS.filter((_, index) => (bits >> index) % 2 === 1);
    const keys = chosen.flatMap(([, part]) => Object.keys(part));
    if (new Set(keys).size < keys.length) continue;
    found.push([
      chosen.map(([name]) => name).join(' + ') || 'none',
      chosen.reduce<AuditFilter>((all, [, part]) => ({ ...all, ...part }), {}),
    ]);
  }
  return found;
}
