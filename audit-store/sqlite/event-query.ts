/** Turns a filter into one SQL query that an index answers, or learns beforehand that nothing can match. */
import type { AuditFilter } from '../audit-store.ts';
import { cleanText } from '../clean-text.ts';
import { searchable } from '../searchable.ts';
import type { Connection } from './database.ts';
import { BESIDE, EVENT_COLUMNS } from '../event-rows.ts';
import type { Page } from './reader-messages.ts';
import { seqRange } from './seq-range.ts';

export type EventQuery = {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
};

/** Up to so many matching people their own entries are fetched and merged; beyond, entries are walked and tested. */
const FEW = 64;

type Side = 'actor_ref' | 'subject_ref';
/** Refs of the people whom a search finds, or `many`. */
type Found = readonly number[] | 'many';

/** Null when no entry can match. The query fetches one row more than the page asks for. */
export function eventQuery(connection: Connection, filter: AuditFilter, page: Page): EventQuery | null {
  const range = seqRange(connection, filter);
  if (range === null) return null;

  const values: Record<string, string | number> = { limit: page.limit + 1, low: range.low };
  values['high'] = Math.min(range.high, page.beforeSeq === undefined ? range.high : page.beforeSeq - 1);
  const conditions = ["kind = 'event'", 'seq BETWEEN @low AND @high'];
  const equal = (column: string, name: string, value: string | number | undefined, operator = '=') => {
    if (value === undefined || value === '') return;
    conditions.push(`${column} ${operator} @${name}`);
    values[name] = value;
  };
  equal('at', 'from', filter.from, '>=');
  equal('at', 'before', filter.before, '<');
  equal('event', 'event', filter.event);
  equal('outcome', 'outcome', filter.outcome);
  equal('market_id', 'market', filter.market);
  equal('session_id', 'session', filter.sessionId);

  const few: { side: Side; refs: readonly number[] }[] = [];
  for (const [side, name, text] of [
    ['actor_ref', 'manager', filter.manager],
    ['subject_ref', 'customer', filter.customer],
  ] as const) {
    if (text === undefined || text === '') continue;
    const found = peopleFound(connection, text);
    if (found === 'many') {
      values[name] = needle(text);
      conditions.push(`+${side} IN (SELECT ref FROM people WHERE instr(search, @${name}) > 0)`);
    } else if (found.length === 0) {
      return null;
    } else {
      few.push({ side, refs: found });
    }
  }

  const [narrowest, ...others] = few.toSorted((a, b) => a.refs.length - b.refs.length);
  for (const { side, refs } of others) conditions.push(`+${side} IN (${refs.join(', ')})`);
  const where = conditions.join(' AND ');
  const seqs = narrowest
    ? merged(narrowest.side, narrowest.refs, where)
    : `SELECT seq FROM entries WHERE ${where} ORDER BY seq DESC LIMIT @limit`;
  const sql = `SELECT ${EVENT_COLUMNS} FROM (${seqs}) AS page CROSS JOIN entries e ON e.seq = page.seq ${BESIDE}
    ORDER BY e.seq DESC`;
  return { sql, values };
}

/** The newest entries of each person, from that person's stretch of the index, and of these the newest. */
function merged(side: Side, refs: readonly number[], where: string): string {
  const index = side === 'actor_ref' ? 'entries_actor' : 'entries_subject';
  const each = refs.map(
    (ref) =>
      `SELECT seq FROM (SELECT seq FROM entries INDEXED BY ${index} WHERE ${side} = ${ref} AND ${where}
       ORDER BY seq DESC LIMIT @limit)`,
  );
  return `SELECT seq FROM (${each.join(' UNION ALL ')}) ORDER BY seq DESC LIMIT @limit`;
}

function peopleFound(connection: Connection, text: string): Found {
  const refs = connection
    .prepare<[string, number], number>('SELECT ref FROM people WHERE instr(search, ?) > 0 LIMIT ?')
    .pluck()
    .all(needle(text), FEW + 1);
  // Numbers of our own making: safe to stand in SQL as they are.
  return refs.length > FEW ? 'many' : refs;
}

/** Cleaned as the names were before they were kept; `instr` knows no wildcards. */
function needle(text: string): string {
  return searchable(cleanText(text));
}
