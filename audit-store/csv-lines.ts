/** Writes events as lines of the CSV: fifteen columns, RFC 4180, formulas disarmed. */
import { disarmed } from './disarmed.ts';
import { type AuditEventName, type AuditOutcome, EVENT_NAMES, OUTCOMES } from './event-names.ts';

export const CSV_COLUMNS = [
  'created_at',
  'event',
  'outcome',
  'status_code',
  'manager_name',
  'manager_email',
  'customer_name',
  'customer_email',
  'market_name',
  'method',
  'path',
  'action',
  'reason',
  'ip_address',
  'user_agent',
] as const;

export const CSV_HEADER = `${CSV_COLUMNS.join(',')}\r\n`;

/** One stretch of the export: whole lines in UTF-8, and the `beforeSeq` of the following stretch, or null at the end. */
export type CsvPage = {
  readonly lines: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  readonly next: number | null;
};

/** An event, and what stands beside it as two cells each: see {@link cells}. */
export type CsvEntry = {
  readonly body: string;
  readonly actor: string;
  readonly subject: string;
  readonly origin: string;
};

/** Blank where there is nothing. A disarmed cell is quoted as well; the rest only where RFC 4180 needs it. */
export function cells(...values: readonly (string | null)[]): string {
  return values.map((value) => cell(value)).join(',');
}

export function csvLine({ body, actor, subject, origin }: CsvEntry): string {
  const read: unknown = JSON.parse(body);
  if (!isBody(read)) throw new TypeError('an entry is no event');
  const { at, event, outcome, status_code: status, market, method, path, action, reason } = read;
  return `${new Date(at).toISOString()},${event},${outcome},${status ?? ''},${actor},${subject},${cell(
    market === null ? null : market.name,
  )},${cell(method)},${cell(path)},${cell(action)},${cell(reason)},${origin}\r\n`;
}

const UTF8 = new TextEncoder();

export function csvPage(lines: readonly string[], next: number | null): CsvPage {
  return { lines: UTF8.encode(lines.join('')), rows: lines.length, next };
}

function cell(value: string | null): string {
  if (value === null) return '';
  const safe = disarmed(value);
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const SPECIAL = /^'|[",\r\n]/;

type Body = {
  readonly at: number;
  readonly event: AuditEventName;
  readonly outcome: AuditOutcome;
  readonly status_code: number | null;
  readonly market: { readonly name: string } | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly action: string | null;
  readonly reason: string | null;
};

/** They stand in their line as they are; a record that was tampered with must not say a formula by them. */
const KNOWN_EVENTS: ReadonlySet<unknown> = new Set(EVENT_NAMES);
const KNOWN_OUTCOMES: ReadonlySet<unknown> = new Set(OUTCOMES);

/** By hand: for millions of rows a schema takes longer than all the rest. */
function isBody(read: unknown): read is Body {
  if (typeof read !== 'object' || read === null) return false;
  const body: { readonly [Key in keyof Body]?: unknown } = read;
  return (
    typeof body.at === 'number' &&
    KNOWN_EVENTS.has(body.event) &&
    KNOWN_OUTCOMES.has(body.outcome) &&
    (body.status_code === null || typeof body.status_code === 'number') &&
    isMarket(body.market) &&
    isText(body.method) &&
    isText(body.path) &&
    isText(body.action) &&
    isText(body.reason)
  );
}

function isMarket(market: unknown): market is Body['market'] {
  return (
    market === null || (typeof market === 'object' && 'name' in market && typeof market.name === 'string')
  );
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
