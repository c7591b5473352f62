/** Finds the entries of one page, however seldom its filters meet: hardly a way of looking for them grows with the record. */
import type { AuditFilter } from '../audit-store.ts';
import type { Page } from '../event-page.ts';
import { leftOpen, type Search, searchesOf, type Stretches, stretchesOf } from '../stretches.ts';
import type { Connection } from './database.ts';
import { newestAtOnce, newestOf, roughEffort, type Test } from './newest.ts';
import { actorStretches, peopleFound, subjectStretches } from './people-stretches.ts';
import { arePageIndexesThere } from './page-indexes.ts';
import { seqRange } from './seq-range.ts';

/** Of so many people the entries are looked for at once; where there are more, the newest entries may be theirs. */
const FEW = 100;
/** How many of the newest entries are looked at first. */
const LOOK_AT = 4000;
/** So many entries are tested without looking for a shorter way. */
const SHORT = 5000;
const EVERYBODY = 2 ** 31;

/** Stretches that hold all of the page, what else is to be tested, and about how many entries are looked at. */
type Way = { readonly stretches: Stretches; readonly tests: readonly Test[]; readonly effort: number };

/** The seqs of a page and of the entry after it, newest first. */
export async function pageSeqs(
  connection: Connection,
  filter: AuditFilter,
  page: Page,
): Promise<readonly number[]> {
  const range = await seqRange(connection, filter);
  if (range === null) return [];
  const high = page.beforeSeq === undefined ? range.high : Math.min(range.high, page.beforeSeq - 1);
  const bounds = { low: range.low, high };
  const count = page.limit + 1;
  const times = range.exact ? [] : timeTests(filter);
  const searches = searchesOf(filter);
  const all = stretchesOf(filter);
  const plain = { stretches: all, tests: [...times, ...equalTests(filter, all), ...searches.map(textTest)] };
  if (searches.length === 0 || filter.sessionId !== undefined || !(await arePageIndexesThere(connection)))
    return newestOf(connection, plain.stretches, plain.tests, bounds, count);

  const ways = async (most: number): Promise<readonly Way[] | null> => {
    const found = await Promise.all(
      searches.map(async (search) => ({ ...search, refs: await peopleFound(connection, search, most + 1) })),
    );
    if (found.some(({ refs }) => refs.length === 0)) return null;
    const able = found.filter(({ refs }) => refs.length <= most);
    return Promise.all(
      able.map(async ({ side, refs }) => {
        const stretches =
          side === 'actor' ? await actorStretches(connection, refs, filter) : subjectStretches(refs);
        const others = searches.filter((other) => other.side !== side).map(textTest);
        const tests = [...times, ...equalTests(filter, stretches), ...others];
        const effort = searches.length === 1 ? 0 : await roughEffort(connection, stretches, bounds);
        return { stretches, tests, effort };
      }),
    );
  };
  const throughFew = await ways(FEW);
  if (throughFew === null) return [];
  const few = shortest(throughFew);
  if (few !== null && few.effort <= SHORT)
    return newestOf(connection, few.stretches, few.tests, bounds, count);
  const seen = await newestAtOnce(connection, plain.stretches, plain.tests, bounds, count, LOOK_AT);
  if (seen !== null) return seen;
  const any = shortest((await ways(EVERYBODY)) ?? []);
  return any === null ? [] : newestOf(connection, any.stretches, any.tests, bounds, count);
}

function shortest(ways: readonly Way[]): Way | null {
  return ways.toSorted((a, b) => a.effort - b.effort)[0] ?? null;
}

function equalTests(filter: AuditFilter, stretches: Stretches): readonly Test[] {
  return leftOpen(filter, stretches).map(
    ([column, value]): Test =>
      (place) =>
        `e.${column} = ${place(value)}`,
  );
}

function timeTests({ from, before }: AuditFilter): readonly Test[] {
  const tests: Test[] = [];
  if (from !== undefined) tests.push((place) => `e.at >= ${place(from)}`);
  if (before !== undefined) tests.push((place) => `e.at < ${place(before)}`);
  return tests;
}

/** `strpos` knows no wildcards. */
function textTest({ side, needle }: Search): Test {
  return (place) =>
    `coalesce((SELECT strpos(p.search, ${place(needle)}) > 0 FROM people p WHERE p.ref = e.${side}_ref), false)`;
}
