/** The one spelling of a JSON value that is hashed: RFC 8785 (sorted keys, no blanks, ECMAScript numbers). */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Equal values give equal text, on every machine. Keys are sorted by UTF-16 code units, as RFC 8785 §3.2.3 asks.
 * Throws TypeError for a number that JSON does not have (NaN, Infinity).
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  let text = '';
  for (const key of Object.keys(value).toSorted())
    text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(value[key] ?? null)}`;
  return `{${text}}`;
}

/** Names of members are few, and each stands in thousands of entries. */
const KNOWN_KEYS = new Map<string, string>();
const MOST_KNOWN = 500;

function quoted(key: string): string {
  const known = KNOWN_KEYS.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify(key);
  if (KNOWN_KEYS.size < MOST_KNOWN) KNOWN_KEYS.set(key, text);
  return text;
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
