/** Which of two patterns says more about a path, and whether one names nothing that the other does not. */
import type { PatternSegment, RoutePattern } from '../language/route-pattern.ts';
import { foldText } from '../path/confusable.ts';

const RANK = { literal: 'a', one: 'b', many: 'c' } as const;

/** Sorts the more specific pattern first: the earlier a pattern turns to a wildcard, and the wider it is, the later. */
export function patternRank(pattern: RoutePattern): string {
  return `${pattern.segments.map((segment) => RANK[segment.kind]).join('')}d`;
}

/** True only if every path that `narrow` matches is one that `wide` matches too. */
export function covers(wide: RoutePattern, narrow: RoutePattern): boolean {
  return coversFrom(wide.segments, 0, narrow.segments, 0);
}

function coversFrom(
  wide: readonly PatternSegment[],
  at: number,
  narrow: readonly PatternSegment[],
  from: number,
): boolean {
  const expected = wide[at];
  const offered = narrow[from];
  if (expected === undefined) return offered === undefined;
  if (expected.kind === 'many')
    return (
      coversFrom(wide, at + 1, narrow, from) ||
      (offered !== undefined && coversFrom(wide, at, narrow, from + 1))
    );
  if (offered === undefined || offered.kind === 'many') return false;
  if (
    expected.kind === 'literal' &&
    (offered.kind !== 'literal' || foldText(offered.text) !== foldText(expected.text))
  )
    return false;
  return coversFrom(wide, at + 1, narrow, from + 1);
}
