import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, type Json } from '../../audit-store/canonical-json.ts';
import { boundedBytes, boundedText, cleanText } from '../../audit-store/clean-text.ts';

test('keys are sorted by UTF-16 code units, as the example of RFC 8785 §3.2.3 has them', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  expect(canonicalJson(value)).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
});

test('numbers and literals are spelt as in RFC 8785 §3.2.2', () => {
  const value = { numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0], literals: [null, true, false] };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s has no canonical form', (value) => {
  expect(() => canonicalJson([value])).toThrow(TypeError);
});

/** The value as JSON has it: without -0 and prototypes. */
function plain(value: unknown): Json {
  return z.json().parse(JSON.parse(JSON.stringify(value)));
}

test('the order in which keys were set makes no difference, and the text reads back as the value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 2 })), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      const text = canonicalJson(plain(value));
      expect(canonicalJson(plain(reversed))).toBe(text);
      expect(JSON.parse(text)).toEqual(plain(value));
    }),
  );
});

test('cleaned text survives UTF-8 and has no control or bidirectional character, whatever came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
      const clean = cleanText(String.fromCharCode(...units));
      expect(Buffer.from(clean).toString()).toBe(clean);
      expect(clean).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/u);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test('bounds hold, and a cut shows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      expect(Array.from(boundedText(text, 20)).length).toBeLessThanOrEqual(20);
      expect(Buffer.byteLength(boundedBytes(text, 20))).toBeLessThanOrEqual(20);
    }),
  );
  expect(boundedText('abcde', 4)).toBe('abc…');
  expect(boundedText('abcd', 4)).toBe('abcd');
  expect(boundedBytes('ééé', 6)).toBe('ééé');
  expect(boundedBytes('éééé', 6)).toBe('é…');
});
