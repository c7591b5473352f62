/** What the search for a page comes to in either database: ways through the record, and the shortest of them. `Test` is how one tests an entry. */
import type { AuditFilter } from './audit-store.ts';
import { LAG, type Meeting } from './meetings.ts';
import type { Bounds, Search, Stretches } from './stretches.ts';

/** How many of the newest entries are looked at first. */
export const LOOK_AT = 4000;
/** Of so many meetings, those that went on longest, the entries are looked for, and of so many more if these do not suffice. */
export const MEETINGS: readonly number[] = [400, 4000];
export const EVERYBODY = 2 ** 31;

/** Stretches that hold all of the page, what else is to be tested, and about how many entries are looked at. */
export type Way<Test> = {
  readonly stretches: Stretches;
  readonly tests: readonly Test[];
  readonly effort: number;
};

/** Whom one search of the filter finds. */
export type Found = Search & { readonly refs: readonly number[] };

export type Question<Test> = {
  readonly filter: AuditFilter;
  readonly bounds: Bounds;
  /** What the bounds do not say of time. */
  readonly times: readonly Test[];
  readonly searches: readonly Search[];
};

export function shortest<Test>(ways: readonly Way<Test>[]): Way<Test> | null {
  return ways.toSorted((a, b) => a.effort - b.effort)[0] ?? null;
}

/** Whether nothing of the meetings from `next` on, which were not looked at, belongs among the newest `count`. */
export function isSure(found: readonly number[], count: number, next: Meeting | undefined): boolean {
  return next === undefined || (found[count - 1] ?? 0) >= next.newest + LAG;
}
