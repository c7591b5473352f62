/** Which stretches of the record's indexes hold what a filter asks for: each is in the order of the record. */
import type { AuditFilter } from './audit-store.ts';
import { cleanText } from './clean-text.ts';
import { type AuditEventName, type AuditOutcome, EVENT_NAMES, OUTCOMES } from './event-names.ts';
import { searchable } from './searchable.ts';

export type Value = string | number | null;

/** For each of the lists of values, the entries that have these in the first columns of an index. */
export type Stretches = {
  /** Null: the record itself, which is one stretch. */
  readonly index:
    'entries_session' | 'entries_kind' | 'entries_market' | 'entries_actor' | 'entries_subject' | null;
  readonly columns: readonly Column[];
  readonly values: readonly (readonly Value[])[];
  /** Behind which seq there is nothing of each, where that is known. */
  readonly ends?: readonly number[];
};

export type Column = 'session_id' | 'event' | 'outcome' | 'market_id' | 'actor_ref' | 'subject_ref';

/** Entries from `low` to `high`, both included. */
export type Bounds = { readonly low: number; readonly high: number };

/** Whom a filter searches for: `needle` is looked for in what is kept to be searched. */
export type Search = { readonly side: 'actor' | 'subject'; readonly needle: string };

/** Whom the searches on both sides find. */
export type Refs = Readonly<Record<Search['side'], readonly number[]>>;

export function kindsOf({
  event,
  outcome,
}: AuditFilter): readonly (readonly [AuditEventName, AuditOutcome])[] {
  return (event ? [event] : EVENT_NAMES).flatMap((one) =>
    (outcome ? [outcome] : OUTCOMES).map((other) => [one, other] as const),
  );
}

/** Everything that has the filter's session, market, event and outcome, and more only where a session is asked for. */
export function stretchesOf(filter: AuditFilter): Stretches {
  const { sessionId, market, event, outcome } = filter;
  if (sessionId) return { index: 'entries_session', columns: ['session_id'], values: [[sessionId]] };
  const kinds = kindsOf(filter);
  if (market) {
    const values = kinds.map((kind) => [market, ...kind]);
    return { index: 'entries_market', columns: ['market_id', 'event', 'outcome'], values };
  }
  if (event || outcome) return { index: 'entries_kind', columns: ['event', 'outcome'], values: kinds };
  return { index: null, columns: [], values: [[]] };
}

/** Cleaned as names are before they are kept. */
export function searchesOf({ manager, customer }: AuditFilter): readonly Search[] {
  const found: Search[] = [];
  if (manager) found.push({ side: 'actor', needle: searchable(cleanText(manager)) });
  if (customer) found.push({ side: 'subject', needle: searchable(cleanText(customer)) });
  return found;
}

/** What the filter says of columns that these stretches leave open. */
export function leftOpen(
  filter: AuditFilter,
  { columns }: Stretches,
): readonly (readonly [Column, string])[] {
  const said: readonly (readonly [Column, string | undefined])[] = [
    ['session_id', filter.sessionId],
    ['market_id', filter.market],
    ['event', filter.event],
    ['outcome', filter.outcome],
  ];
  return said.flatMap(([column, value]) =>
    value && !columns.includes(column) ? [[column, value] as const] : [],
  );
}

/** To look for a stretch takes as long as to test so many of its entries. */
const LOOK_UP = 10;
const SAMPLED_STRETCHES = 64;
export const SAMPLED_ENTRIES = 500;

/** Some of the stretches, spread over all of them in no rhythm of their own. */
export function sampleOf({ values }: Pick<Stretches, 'values'>): Stretches['values'] {
  if (values.length <= SAMPLED_STRETCHES) return values;
  return Array.from({ length: SAMPLED_STRETCHES }, (_, index) => {
    const share = (index * 0.618_033_988_75) % 1;
    return values[Math.floor(share * values.length)] ?? [];
  });
}

/** How much there is to look at, in entries; from how many a sample has. */
export function effort(
  { values }: Pick<Stretches, 'values'>,
  sample: Stretches['values'],
  entries: number,
): number {
  if (sample.length === 0) return 0;
  return values.length * (LOOK_UP + entries / sample.length);
}
