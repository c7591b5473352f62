/** The index finds exactly what a plain reading of each pattern would, however many patterns there are. */
import { array, assert, constantFrom, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, settlePath } from '../../policy/index.ts';
import { buildRouteIndex } from '../../policy/compiled/route-index.ts';
import { readPattern } from '../../policy/language/route-pattern.ts';
import { covers } from '../../policy/compiled/specificity.ts';

/** What the manual says, and nothing clever. */
function plainlyMatches(parts: readonly string[], path: readonly string[]): boolean {
  const [expected, ...partsRest] = parts;
  if (expected === undefined) return path.length === 0;
  if (expected === '**')
    return Array.from({ length: path.length + 1 }, (_, skip) => path.slice(skip)).some((rest) =>
      plainlyMatches(partsRest, rest),
    );
  const [segment, ...rest] = path;
  if (segment === undefined) return false;
  return (
    (expected === '*' || expected.startsWith(':') || expected === segment) && plainlyMatches(partsRest, rest)
  );
}

function pattern(text: string) {
  const reading = readPattern(text);
  if (!reading.ok) throw new Error(reading.message);
  return reading.pattern;
}

function isPattern(text: string): boolean {
  return readPattern(text).ok;
}

const words = ['a', 'b', '.hidden', '__proto__', 'constructor', 'toString'];
const anyPattern = array(constantFrom(...words, '*', ':id', '**'), { maxLength: 6 })
  .map((segments) => `/${segments.join('/')}`)
  .filter(isPattern);
const anyPath = array(constantFrom(...words, 'c'), { maxLength: 7 });

function partsOf(text: string): readonly string[] {
  return text === '/' ? [] : text.slice(1).split('/');
}

describe('the index', () => {
  it('agrees with a plain reading of every pattern', () => {
    assert(
      property(uniqueArray(anyPattern, { minLength: 1, maxLength: 30 }), anyPath, (patterns, path) => {
        const index = buildRouteIndex(
          patterns.map((entry) => ({ segments: pattern(entry).segments, entry })),
          (literal) => literal,
        );
        const expected = patterns.filter((one) => plainlyMatches(partsOf(one), path));
        expect(index.match(path).toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 3000 },
    );
  });

  it('does not slow down for a path made to make ** look back', () => {
    const texts = ['/**/a/**/b', '/**/a/a/**/c', '/a/**/a/**', '/**/a/*/a/**/d'];
    const index = buildRouteIndex(
      texts.map((entry) => ({ segments: pattern(entry).segments, entry })),
      (literal) => literal,
    );
    const path = Array.from({ length: 4000 }, () => 'a');
    const started = process.threadCpuUsage().user;
    expect(index.match(path)).toEqual(['/a/**/a/**']);
    expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(100);
  });
});

describe('one pattern covers another', () => {
  it('only if it matches everything that the other matches', () => {
    assert(
      property(anyPattern, anyPattern, anyPath, (wide, narrow, path) => {
        if (!covers(pattern(wide), pattern(narrow)) || !plainlyMatches(partsOf(narrow), path)) return;
        expect(plainlyMatches(partsOf(wide), path)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
  it.each([
    ['/a/*', '/a/b', true],
    ['/a/b', '/a/*', false],
    ['/a/**', '/a', true],
    ['/a/**', '/a/:x/c', true],
    ['/a/*', '/a/**', false],
    ['/**', '/a/**/b', true],
    ['/A', '/a', true],
  ])('%s covers %s: %s', (wide, narrow, expected) =>
    expect(covers(pattern(wide), pattern(narrow))).toBe(expected),
  );
});

describe('a pattern compiled on its own', () => {
  it('matches places loosely', () => {
    const matches = compilePattern('/users/list');
    expect(
      ['/users/list', '/Users/List/', '/users/list.html', '/users', '/users/list/x'].map((path) =>
        matches(settlePath(path)),
      ),
    ).toEqual([true, true, true, false, false]);
    expect(compilePattern('/')(settlePath('/'))).toBe(true);
  });
  it('is refused where it is none', () => {
    expect(() => compilePattern('/a?')).toThrow(RangeError);
  });
});
