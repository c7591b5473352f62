/** Turns a filter into one SQL query that an index answers, or learns beforehand that nothing can match. */
import type { AuditFilter } from '../audit-store.ts';
import { cleanText } from '../clean-text.ts';
import { searchable } from '../searchable.ts';
import { BESIDE } from '../event-rows.ts';
import type { Page } from '../sqlite/reader-messages.ts';
import { type Connection, rows } from './database.ts';
import { EVENT_COLUMNS } from './event-rows.ts';
import { seqRange } from './seq-range.ts';

export type EventQuery = { readonly sql: string; readonly values: readonly unknown[] };

/** Up to so many matching people their own entries are fetched and merged; beyond, entries are walked and tested. */
const FEW = 300;

const EVENTS = ['start', 'stop', 'action', 'blocked', 'expired'] as const;
const OUTCOMES = ['ok', 'blocked', 'error'] as const;

/** One stretch of an index for each combination of these columns' values. */
type Keys = readonly {
  readonly column: string;
  readonly type: string;
  readonly values: readonly unknown[];
}[];

/** Null when no entry can match. The query fetches one row more than the page asks for. */
export async function eventQuery(
  connection: Connection,
  filter: AuditFilter,
  page: Page,
): Promise<EventQuery | null> {
  const range = await seqRange(connection, filter);
  if (range === null) return null;
  const found = {
    actor: await peopleFound(connection, filter.manager),
    subject: await peopleFound(connection, filter.customer),
  };
  if (found.actor?.length === 0 || found.subject?.length === 0) return null;

  const values: unknown[] = [];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const high = page.beforeSeq === undefined ? range.high : Math.min(range.high, page.beforeSeq - 1);
  const keys = keysOf(filter, found);
  const conditions = ["e.kind = 'event'"];
  const test = (sql: string, one: unknown, isKey: boolean): void => {
    if (one !== undefined && one !== '' && !isKey) conditions.push(`${sql} ${value(one)}`);
  };
  const isKey = (column: string): boolean => keys.some((key) => key.column === column);
  test('e.at >=', filter.from, false);
  test('e.at <', filter.before, false);
  test('e.event =', filter.event, isKey('event'));
  test('e.outcome =', filter.outcome, isKey('outcome'));
  test('e.market_id =', filter.market, isKey('market_id'));
  test('e.session_id =', filter.sessionId, isKey('session_id'));
  for (const side of ['actor', 'subject'] as const) {
    const refs = found[side];
    // The sum keeps the planner from fetching all entries of all of them in order to sort them.
    if (refs !== null && !isKey(`${side}_ref`))
      conditions.push(`e.${side}_ref + 0 = ANY (${value(refs)}::bigint[])`);
  }

  const limit = value(page.limit + 1);
  const bounds = { low: value(range.low), high: value(high) };
  const where = conditions.join(' AND ');
  const seqs =
    keys.length === 0
      ? `SELECT e.seq FROM entries e WHERE ${where} AND e.seq BETWEEN ${bounds.low} AND ${bounds.high}
         ORDER BY e.seq DESC LIMIT ${limit}`
      : merged(keys, where, bounds, limit, value);
  const sql = `SELECT ${EVENT_COLUMNS} FROM (${seqs}) AS page JOIN entries e ON e.seq = page.seq ${BESIDE}
    ORDER BY e.seq DESC`;
  return { sql, values };
}

function few(refs: readonly number[] | null): refs is readonly number[] {
  return refs !== null && refs.length <= FEW;
}

/** Which index answers, and which of its stretches. */
function keysOf(
  filter: AuditFilter,
  found: { actor: readonly number[] | null; subject: readonly number[] | null },
): Keys {
  const kinds: Keys = [
    { column: 'event', type: 'text', values: filter.event ? [filter.event] : EVENTS },
    { column: 'outcome', type: 'text', values: filter.outcome ? [filter.outcome] : OUTCOMES },
  ];
  if (filter.sessionId) return [{ column: 'session_id', type: 'text', values: [filter.sessionId] }];
  // A customer has fewer entries than a manager.
  if (few(found.subject)) return [{ column: 'subject_ref', type: 'bigint', values: found.subject }];
  if (few(found.actor)) return [{ column: 'actor_ref', type: 'bigint', values: found.actor }, ...kinds];
  if (filter.market) return [{ column: 'market_id', type: 'text', values: [filter.market] }, ...kinds];
  return filter.event || filter.outcome ? kinds : [];
}

/** The newest entries of each stretch, and of these the newest; see the indexes for why `-seq`. */
function merged(
  keys: Keys,
  where: string,
  bounds: { readonly low: string; readonly high: string },
  limit: string,
  value: (one: unknown) => string,
): string {
  const sources = keys.map(
    ({ column, type, values: some }) => `unnest(${value(some)}::${type}[]) AS k_${column}`,
  );
  const equal = keys.map(({ column }) => `e.${column} = k_${column}`).join(' AND ');
  return `SELECT one.seq FROM ${sources.join(' CROSS JOIN ')} CROSS JOIN LATERAL (
      SELECT e.seq FROM entries e
      WHERE ${equal} AND -e.seq BETWEEN -${bounds.high}::bigint AND -${bounds.low}::bigint AND ${where}
      ORDER BY -e.seq LIMIT ${limit}) AS one
    ORDER BY one.seq DESC LIMIT ${limit}`;
}

/** Refs of the people a search finds; null when nobody is searched for. Cleaned as names are; no wildcards. */
async function peopleFound(
  connection: Connection,
  text: string | undefined,
): Promise<readonly number[] | null> {
  if (text === undefined || text === '') return null;
  const sql = 'SELECT ref FROM people WHERE strpos(search, $1) > 0';
  const found = await rows<{ ref: number }>(connection, sql, [searchable(cleanText(text))]);
  return found.map(({ ref }) => ref);
}
