/** Which permits are met to the letter, and which of those that are not came closest. */
import type { Condition, DecisionRequest } from '../decision.ts';
import { type Miss, missOf } from './conditions.ts';
import { bySpecificity, type Hit } from './rule-book.ts';
import type { Unit } from './units.ts';

/** In the order in which they are asked: who misses a later one came closer. */
const ORDER: readonly Condition[] = [
  'graphql',
  'market',
  'subjects',
  'mode',
  'actors',
  'query',
  'header',
  'body',
];

export function holding(hits: readonly Hit[], request: DecisionRequest, unit: Unit): readonly Hit[] {
  if (unit === null && hits.every((hit) => hit.rule.conditions === null)) return hits;
  return hits.filter((hit) => isMet(hit, request, unit));
}

function isMet({ rule }: Hit, request: DecisionRequest, unit: Unit): boolean {
  if (unit === 'unread') return false;
  const listed = unit?.type !== 'persisted' || (rule.conditions?.graphql ?? null) !== null;
  return listed && missOf(rule.conditions, request, unit) === null;
}

/** Null where every permit of this route is about something else altogether. */
export function closestMiss(
  hits: readonly Hit[],
  request: DecisionRequest,
  unit: Unit,
): { readonly hit: Hit; readonly miss: Miss } | null {
  if (unit === 'unread') return null;
  return (
    hits
      .flatMap((hit) => {
        const miss = missOf(hit.rule.conditions, request, unit);
        return miss === null || miss.condition === 'graphql' ? [] : [{ hit, miss }];
      })
      .toSorted(
        (a, b) =>
          ORDER.indexOf(b.miss.condition) - ORDER.indexOf(a.miss.condition) || bySpecificity(a.hit, b.hit),
      )[0] ?? null
  );
}
