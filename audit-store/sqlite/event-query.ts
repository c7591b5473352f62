/** Finds the entries of one page, however seldom its filters meet: hardly a way of looking for them grows with the record. */
import type { AuditFilter } from '../audit-store.ts';
import type { Page } from '../event-page.ts';
import { meetingStretches } from '../meetings.ts';
import {
  EVERYBODY,
  type Found,
  isSure,
  LOOK_AT,
  MEETINGS,
  type Question,
  shortest,
  type Way,
} from '../page-search.ts';
import { leftOpen, type Search, searchesOf, type Stretches, stretchesOf } from '../stretches.ts';
import type { Connection } from './database.ts';
import { newestAtOnce, newestOf, roughEffort, type Test } from './newest.ts';
import { actorStretches, peopleFound, subjectStretches } from './people-stretches.ts';
import { meetingsOf } from './people-who-met.ts';
import { seqRange } from './seq-range.ts';

/** Of so many people the entries are looked for at once; where there are more, the newest entries may be theirs. */
const FEW = 300;
/** So many entries are tested without looking for a shorter way. */
const SHORT = 10_000;

/** The seqs of a page and of the entry after it, newest first. */
export function pageSeqs(connection: Connection, filter: AuditFilter, page: Page): readonly number[] {
  const range = seqRange(connection, filter);
  if (range === null) return [];
  const high = page.beforeSeq === undefined ? range.high : Math.min(range.high, page.beforeSeq - 1);
  const bounds = { low: range.low, high };
  const count = page.limit + 1;
  const times = range.exact ? [] : timeTests(filter);
  const searches = searchesOf(filter);
  const question = { filter, bounds, times, searches };
  const plain = stretchesOf(filter);
  const tests = [...times, ...equalTests(filter, plain), ...searches.map(textTest)];
  if (searches.length === 0 || filter.sessionId !== undefined)
    return newestOf(connection, plain, tests, bounds, count);

  const some = searches.map((search) => ({ ...search, refs: peopleFound(connection, search, FEW + 1) }));
  if (some.some(({ refs }) => refs.length === 0)) return [];
  const few = some.filter(({ refs }) => refs.length <= FEW);
  const throughFew = shortest(few.map((found) => wayThrough(connection, question, found)));
  if (throughFew !== null && throughFew.effort <= SHORT)
    return newestOf(connection, throughFew.stretches, throughFew.tests, bounds, count);
  const seen = newestAtOnce(connection, plain, tests, bounds, count, LOOK_AT);
  if (seen !== null) return seen;

  const all = some.map((found) =>
    few.includes(found) ? found : { ...found, refs: peopleFound(connection, found, EVERYBODY) },
  );
  const met = newestOfMeetings(connection, question, all, count);
  if (met !== null) return met;
  const any = shortest(all.map((found) => wayThrough(connection, question, found)));
  return any === null ? [] : newestOf(connection, any.stretches, any.tests, bounds, count);
}

/** Through all entries of those whom one search finds. */
function wayThrough(
  connection: Connection,
  { filter, bounds, times, searches }: Question<Test>,
  { side, refs }: Found,
): Way<Test> {
  const stretches = side === 'actor' ? actorStretches(connection, refs, filter) : subjectStretches(refs);
  const others = searches.filter((other) => other.side !== side).map(textTest);
  const tests = [...times, ...equalTests(filter, stretches), ...others];
  const effort = searches.length === 1 ? 0 : roughEffort(connection, stretches, bounds);
  return { stretches, tests, effort };
}

/** The newest of those pairs alone who ever met; null where there are too many of these, or only one search. */
function newestOfMeetings(
  connection: Connection,
  { filter, bounds, times }: Question<Test>,
  [one, other]: readonly Found[],
  count: number,
): readonly number[] | null {
  if (one === undefined || other === undefined) return null;
  const refs = { actor: one.refs, subject: other.refs };
  for (const most of MEETINGS) {
    const meetings = meetingsOf(connection, refs, filter, bounds, most + 1);
    if (meetings.length === 0) return [];
    const stretches = meetingStretches(meetings.slice(0, most), bounds);
    const tests = [...times, ...equalTests(filter, stretches)];
    const found = newestOf(connection, stretches, tests, bounds, count);
    if (isSure(found, count, meetings[most])) return found;
  }
  return null;
}

function equalTests(filter: AuditFilter, stretches: Stretches): readonly Test[] {
  return leftOpen(filter, stretches).map(([column, value]) => ({ sql: `e.${column} = ?`, values: [value] }));
}

function timeTests({ from, before }: AuditFilter): readonly Test[] {
  return [
    ...(from === undefined ? [] : [{ sql: 'e.at >= ?', values: [from] }]),
    ...(before === undefined ? [] : [{ sql: 'e.at < ?', values: [before] }]),
  ];
}

function textTest({ side, needle }: Search): Test {
  const sql = `coalesce((SELECT instr(search, ?) FROM people WHERE ref = e.${side}_ref), 0) > 0`;
  return { sql, values: [needle] };
}
