/** Reads a query into a filter of the record, or says what is wrong with each field; no filter is ever passed over. */
import { EVENT_NAMES, localDayRange, OUTCOMES, type AuditFilter } from '../audit-store/index.ts';
import { FILTER_FIELDS, type FilterField, type FilterForm, formOf } from './address.ts';
import type { Markets } from './deps.ts';
import { plain } from './shown.ts';
import { within, type Scope } from './scope.ts';
import { zoneFor, type Zone } from './zone.ts';

/** `field` is null where the mistake belongs to no field of the form. */
export type Problem = { readonly field: FilterField | null; readonly message: string };

export type PageOfLog = {
  /** The sequence number this page starts below; absent on the newest page. */
  readonly beforeSeq?: number;
  readonly limit: number;
};

export type ReadFilters = { readonly form: FilterForm; readonly zone: Zone } & (
  | {
      readonly ok: true;
      readonly filter: AuditFilter;
      readonly page: PageOfLog;
      /** Where the newer pages start, for the way back; the newest page is not among them. */
      readonly newer: readonly number[];
      /** The newest event on an open page, and how many newer ones it knows of; 0 when not given. */
      readonly after: number;
      readonly known: number;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

/** What besides the filters an address may carry. */
export type Extra = 'cursor' | 'newer' | 'limit' | 'after' | 'known';

export const PAGE_SIZE = 50;
/** More than the longest e-mail address. */
const LONGEST_SEARCH = 256;
const MOST_NEWER = 500;

export function readFilters(
  query: unknown,
  { scope, markets, extras }: { scope: Scope; markets: Markets; extras: readonly Extra[] },
): ReadFilters {
  const problems: Problem[] = [];
  const given = readOnce(query, [...FILTER_FIELDS, ...extras], problems);
  const form = formOf((field) => (given.get(field) ?? '').trim());
  const zone = zoneFor(scope, form.market, markets);
  const complain = (field: FilterField | null, message: string): undefined => {
    problems.push({ field, message });
  };

  const market = readMarket(form.market, { scope, markets, complain });
  const from = readDay('from', form.from, zone, complain)?.from;
  const before = readDay('to', form.to, zone, complain)?.before;
  if (from !== undefined && before !== undefined && before <= from)
    complain('to', 'This day is before the first one.');
  const event = oneOf(EVENT_NAMES, form.event, () =>
    complain('event', `There is no event “${brief(form.event)}”.`),
  );
  const outcome = oneOf(OUTCOMES, form.outcome, () =>
    complain('outcome', `There is no outcome “${brief(form.outcome)}”.`),
  );
  const manager = readSearch('manager', form.manager, complain);
  const customer = readSearch('customer', form.customer, complain);
  const beforeSeq = readNumber('cursor', given.get('cursor'), Number.MAX_SAFE_INTEGER, complain);
  const limit = readNumber('limit', given.get('limit'), 1000, complain) ?? PAGE_SIZE;
  const newer = readNewer(given.get('newer'), complain);
  const [after, known] = (['after', 'known'] as const).map((name) => {
    // A page without events has seen number 0.
    const text = given.get(name);
    return text === '0' ? 0 : readNumber(name, text, Number.MAX_SAFE_INTEGER, complain);
  });

  if (problems.length > 0) return { ok: false, form: shortened(form), zone, problems };
  const filter: AuditFilter = {
    ...(from !== undefined && { from }),
    ...(before !== undefined && { before }),
    ...(event !== undefined && { event }),
    ...(outcome !== undefined && { outcome }),
    ...(manager !== undefined && { manager }),
    ...(customer !== undefined && { customer }),
    ...(market !== undefined && { market }),
  };
  const page: PageOfLog = { limit, ...(beforeSeq !== undefined && { beforeSeq }) };
  const seen = { after: after ?? 0, known: known ?? 0 };
  return { ok: true, form, zone, filter: within(scope, filter), page, newer, ...seen };
}

type Complain = (field: FilterField | null, message: string) => undefined;

function readOnce(
  query: unknown,
  allowed: readonly string[],
  problems: Problem[],
): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(query ?? {}) as readonly [string, unknown][]) {
    const field = FILTER_FIELDS.find((each) => each === name) ?? null;
    if (!allowed.includes(name)) {
      problems.push({ field: null, message: `There is no filter called “${brief(name)}”.` });
    } else if (typeof value === 'string') {
      given.set(name, value);
    } else {
      problems.push({ field, message: `“${name}” is given more than once.` });
    }
  }
  return given;
}

function readMarket(
  id: string,
  { scope, markets, complain }: { scope: Scope; markets: Markets; complain: Complain },
): string | undefined {
  if (id === '') return undefined;
  if (scope.kind === 'own_market' && id !== scope.market)
    return complain('market', 'You see your own market only.');
  // A policy that names no markets cannot tell a wrong id from a right one.
  const unknown = scope.kind === 'every_market' && markets.size > 0 && !markets.has(id);
  if (unknown || id.length > LONGEST_SEARCH) return complain('market', `There is no market “${brief(id)}”.`);
  return id;
}

function readDay(
  field: 'from' | 'to',
  text: string,
  zone: Zone,
  complain: Complain,
): { readonly from: number; readonly before: number } | undefined {
  if (text === '') return undefined;
  const range = localDayRange(text, zone.name);
  if (range.ok) return range;
  const looksRight = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return complain(
    field,
    looksRight
      ? `There is no day ${text} in the calendar.`
      : `“${brief(text)}” is no day; write one like 2026-04-18.`,
  );
}

function readSearch(field: 'manager' | 'customer', text: string, complain: Complain): string | undefined {
  if (text === '') return undefined;
  if (text.length > LONGEST_SEARCH) return complain(field, `At most ${LONGEST_SEARCH} characters, please.`);
  if (/\p{Cc}/u.test(text)) return complain(field, 'No name or e-mail address holds a control character.');
  return text;
}

function readNumber(
  name: Extra,
  text: string | undefined,
  most: number,
  complain: Complain,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^[1-9]\d{0,15}$/.test(text) && number <= most) return number;
  return complain(null, `“${name}” must be a whole number from 1 to ${most}.`);
}

function readNewer(text: string | undefined, complain: Complain): readonly number[] {
  if (text === undefined) return [];
  if (/^[1-9]\d{0,14}(-[1-9]\d{0,14})*$/.test(text) && text.length <= MOST_NEWER * 16) {
    return text.split('-').map(Number);
  }
  complain(null, 'The way back to newer pages is garbled.');
  return [];
}

function oneOf<T extends string>(
  words: readonly T[],
  text: string,
  complain: () => undefined,
): T | undefined {
  if (text === '') return undefined;
  return words.find((word) => word === text) ?? complain();
}

function brief(text: string): string {
  return plain(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** What was typed goes back into the form, but not ten thousand characters of it. */
function shortened(form: FilterForm): FilterForm {
  return formOf((field) => form[field].slice(0, LONGEST_SEARCH));
}
