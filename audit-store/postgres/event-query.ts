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
import { areMeetingsThere } from './meeting-fill.ts';
import { newestAtOnce, newestOf, roughEffort, type Test } from './newest.ts';
import { actorStretches, peopleFound, subjectStretches } from './people-stretches.ts';
import { arePageIndexesThere } from './page-indexes.ts';
import { isFound, meetingsOf, metAtMost, type Searched } from './people-who-met.ts';
import { seqRange } from './seq-range.ts';

/** Of so many people the entries are looked for at once; where there are more, the newest entries may be theirs. */
const FEW = 100;
/** So many are read at once; of more only the database knows who they are, until nothing else helps. */
const READ = { actor: 2000, subject: FEW };
/** So many entries are tested without looking for a shorter way. */
const SHORT = 5000;
/** So many meetings are tested one by one: at once, and where the newest entries do not suffice. */
const FEW_MEETINGS = 2000;
const ONE_BY_ONE = 20_000;

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
  const question = { filter, bounds, times, searches };
  const plain = stretchesOf(filter);
  const others = [...times, ...equalTests(filter, plain)];
  if (searches.length === 0 || filter.sessionId !== undefined || !(await arePageIndexesThere(connection)))
    return newestOf(connection, plain, [...others, ...searches.map(textTest)], bounds, count);

  const find = async (search: Search, most: number): Promise<Found> => ({
    ...search,
    refs: await peopleFound(connection, search, most),
  });
  const shortestThrough = async (found: readonly Found[]): Promise<Way<Test> | null> =>
    shortest(await Promise.all(found.map((one) => wayThrough(connection, question, one))));

  const some = await Promise.all(searches.map((search) => find(search, READ[search.side] + 1)));
  if (some.some(({ refs }) => refs.length === 0)) return [];
  const few = some.filter(({ refs }) => refs.length <= FEW);
  const canMeet = await areMeetingsThere(connection);
  const listing = (listed: (one: Found) => boolean): readonly Searched[] =>
    some.map((one) => (listed(one) ? one : { ...one, refs: null }));
  if (canMeet && searches.length > 1 && few.length > 0) {
    const searched = listing((one) => few.includes(one));
    if (few.length === some.length || (await metAtMost(connection, FEW_MEETINGS, searched, filter))) {
      const met = await newestOfMeetings(connection, question, searched, true, count);
      if (met !== null) return met;
    }
  }
  const throughFew = await shortestThrough(few);
  if (throughFew !== null && throughFew.effort <= SHORT)
    return newestOf(connection, throughFew.stretches, throughFew.tests, bounds, count);
  const tests = [...others, ...some.map((one) => (isWhole(one) ? listTest(one) : textTest(one)))];
  const seen = await newestAtOnce(connection, plain, tests, bounds, count, LOOK_AT);
  if (seen !== null) return seen;

  if (canMeet) {
    const searched = listing(isWhole);
    const oneByOne = await metAtMost(connection, ONE_BY_ONE, searched, filter);
    const met = await newestOfMeetings(connection, question, searched, oneByOne, count);
    if (met !== null) return met;
  }
  const all = await Promise.all(some.map(async (one) => (isWhole(one) ? one : find(one, EVERYBODY))));
  const any = await shortestThrough(all);
  return any === null ? [] : newestOf(connection, any.stretches, any.tests, bounds, count);
}

function isWhole({ side, refs }: Found): boolean {
  return refs.length <= READ[side];
}

/** Through all entries of those whom one search finds. */
async function wayThrough(
  connection: Connection,
  { filter, bounds, times, searches }: Question<Test>,
  { side, refs }: Found,
): Promise<Way<Test>> {
  const stretches =
    side === 'actor' ? await actorStretches(connection, refs, filter) : subjectStretches(refs);
  const others = searches.filter((other) => other.side !== side).map(textTest);
  const tests = [...times, ...equalTests(filter, stretches), ...others];
  const effort = searches.length === 1 ? 0 : await roughEffort(connection, stretches, bounds);
  return { stretches, tests, effort };
}

/** The newest of those pairs alone who ever met; null where there are too many of these. */
async function newestOfMeetings(
  connection: Connection,
  { filter, bounds, times }: Question<Test>,
  searched: readonly Searched[],
  oneByOne: boolean,
  count: number,
): Promise<readonly number[] | null> {
  for (const most of MEETINGS) {
    const meetings = await meetingsOf(connection, searched, oneByOne, filter, bounds, most + 1);
    if (meetings.length === 0) return [];
    const stretches = meetingStretches(meetings.slice(0, most), bounds);
    const tests = [...times, ...equalTests(filter, stretches)];
    const found = await newestOf(connection, stretches, tests, bounds, count);
    if (isSure(found, count, meetings[most])) return found;
  }
  return null;
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

function listTest({ side, refs }: Found): Test {
  return (place) => `e.${side}_ref = ANY (${place(refs)}::bigint[])`;
}

function textTest({ side, needle }: Search): Test {
  return (place) => isFound(`e.${side}_ref`, place(needle));
}
