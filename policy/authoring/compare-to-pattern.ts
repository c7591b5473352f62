/** Says how a path differs from a pattern, if it differs in no more than one segment. */
import type { PatternSegment } from '../language/route-pattern.ts';
import { foldText } from '../path/confusable.ts';

export type Difference =
  | { readonly kind: 'none' }
  /** One segment says something else. */
  | { readonly kind: 'other'; readonly expected: string; readonly found: string }
  /** The pattern has one segment that the path has not. */
  | { readonly kind: 'missing'; readonly expected: string }
  /** The path has one segment that the pattern has not. */
  | { readonly kind: 'extra'; readonly found: string }
  | { readonly kind: 'far' };

const FAR: Difference = { kind: 'far' };

/** @param offered folded segments of the path */
export function compareToPattern(pattern: readonly PatternSegment[], offered: readonly string[]): Difference {
  if (fits(pattern, offered)) return { kind: 'none' };
  // As far as both agree; what comes after a ** is not compared piece by piece.
  let at = 0;
  for (; at < Math.min(pattern.length, offered.length); at += 1) {
    const expected = pattern[at];
    if (expected === undefined || expected.kind === 'many' || !agrees(expected, offered[at])) break;
  }
  const expected = pattern[at];
  const found = offered[at];
  const laterPattern = pattern.slice(at + 1);
  const laterPath = offered.slice(at + 1);
  if (expected !== undefined && expected.kind !== 'many') {
    if (found !== undefined && fits(laterPattern, laterPath))
      return { kind: 'other', expected: spell(expected), found };
    if (fits(laterPattern, offered.slice(at))) return { kind: 'missing', expected: spell(expected) };
  }
  return found !== undefined && fits(pattern.slice(at), laterPath) ? { kind: 'extra', found } : FAR;
}

function fits(pattern: readonly PatternSegment[], offered: readonly string[]): boolean {
  const [expected, ...later] = pattern;
  if (expected === undefined) return offered.length === 0;
  if (expected.kind === 'many')
    return fits(later, offered) || (offered.length > 0 && fits(pattern, offered.slice(1)));
  return offered.length > 0 && agrees(expected, offered[0]) && fits(later, offered.slice(1));
}

function agrees(expected: PatternSegment, found: string | undefined): boolean {
  return expected.kind !== 'literal' || foldText(expected.text) === found;
}

function spell(segment: PatternSegment): string {
  if (segment.kind === 'literal') return segment.text;
  return segment.kind === 'one' ? ':id' : '**';
}
