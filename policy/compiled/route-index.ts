/**
 * An index over route patterns: finding every pattern that a path matches costs what the path is long, not what the
 * policy is. A tree by segment, walked with all its live branches at once, so that no pattern makes it backtrack.
 */
import type { PatternSegment } from '../language/route-pattern.ts';

export type RouteIndex<T> = {
  /** Everything filed under a pattern that matches these segments, in no particular order. */
  readonly match: (segments: readonly string[]) => readonly T[];
};

type Branch<T> = {
  readonly literals: Map<string, Branch<T>>;
  one: Branch<T> | null;
  many: Branch<T> | null;
  /** Stays alive whatever the segment: the place after `**`. */
  readonly stays: boolean;
  readonly filed: T[];
};

export type Filing<T> = { readonly segments: readonly PatternSegment[]; readonly entry: T };

/** @param spell how a literal of a pattern is spelt in the segments to be matched */
export function buildRouteIndex<T>(
  filings: Iterable<Filing<T>>,
  spell: (literal: string) => string,
): RouteIndex<T> {
  const root = newBranch<T>(false);
  for (const { segments, entry } of filings) {
    let branch = root;
    for (const segment of segments) branch = grow(branch, segment, spell);
    branch.filed.push(entry);
  }
  return { match: (segments) => walk(root, segments) };
}

function newBranch<T>(stays: boolean): Branch<T> {
  return { literals: new Map(), one: null, many: null, stays, filed: [] };
}

function grow<T>(branch: Branch<T>, segment: PatternSegment, spell: (literal: string) => string): Branch<T> {
  switch (segment.kind) {
    case 'one':
      return (branch.one ??= newBranch(false));
    case 'many':
      return (branch.many ??= newBranch(true));
    case 'literal':
      break;
  }
  const key = spell(segment.text);
  const known = branch.literals.get(key);
  if (known !== undefined) return known;
  const grown = newBranch<T>(false);
  branch.literals.set(key, grown);
  return grown;
}

function walk<T>(root: Branch<T>, segments: readonly string[]): readonly T[] {
  let alive: Branch<T>[] = [];
  let next: Branch<T>[] = [];
  enter(alive, root);
  for (const segment of segments) {
    if (alive.length === 0) return [];
    next.length = 0;
    for (const branch of alive) {
      if (branch.stays) enter(next, branch);
      const literal = branch.literals.get(segment);
      if (literal !== undefined) enter(next, literal);
      // An empty segment names nothing: servers that merge slashes do not even see it.
      if (branch.one !== null && segment !== '') enter(next, branch.one);
    }
    [alive, next] = [next, alive];
  }
  if (alive.length === 1) return alive[0]?.filed ?? [];
  return alive.flatMap((branch) => branch.filed);
}

/** `**` also stands for no segment at all, so whoever stands before it stands behind it too. */
function enter<T>(alive: Branch<T>[], branch: Branch<T>): void {
  if (alive.includes(branch)) return;
  alive.push(branch);
  if (branch.many !== null) enter(alive, branch.many);
}
