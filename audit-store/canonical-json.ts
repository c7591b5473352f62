/** The one spelling of a JSON value that is hashed: RFC 8785 (sorted keys, no blanks, ECMAScript numbers). */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Equal values give equal text, on every machine. Keys are sorted by UTF-16 code units, as RFC 8785 §3.2.3 asks.
 * Throws TypeError for a number that JSON does not have (NaN, Infinity).
 */
export function canonicalJson(value: Json): string {
  // JSON.stringify spells everything else as the RFC does, five times as fast as anything written in JavaScript.
  if (inOrder(value)) return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const members = Object.keys(value).toSorted();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`).join(',')}}`;
}

type Members = { readonly [key: string]: Json };

/** Whether nothing is left to sort in it. */
function inOrder(value: Json): value is null | boolean | number | string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (value === null || typeof value !== 'object') return true;
  if (isList(value)) return value.every(inOrder);
  let last: string | null = null;
  for (const key of Object.keys(value)) {
    if (last !== null && last > key) return false;
    last = key;
    const member = value[key];
    // What is not there has no place in JSON, and stands as null.
    if (member === undefined || !inOrder(member)) return false;
  }
  return true;
}

function isList(value: readonly Json[] | Members): value is readonly Json[] {
  return Array.isArray(value);
}
