/**
 * Reads JSON as the strictest reader would (RFC 8259): what two readers could understand differently is a fault or, if
 * it is a number, marked. Refuses duplicate keys, also those that differ in letter case only, which Go's decoder merges:
 * to it even the long s is an s.
 */
import { foldCase } from '../path/confusable.ts';
import type { BodyFault } from './parsed-body.ts';

/** A number that readers disagree about: an exponent, a negative zero, or more digits than a double holds. Its text is the description. */
export type OddNumber = symbol;

export type StrictJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: BodyFault };

const DEEPEST = 32;
const MOST_DIGITS = 15;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /^-?\d+(?:\.\d+)?$/;

class JsonFault extends Error {
  readonly fault: BodyFault;
  constructor(fault: BodyFault) {
    super(fault);
    this.fault = fault;
  }
}

export function readStrictJson(text: string): StrictJson {
  try {
    return { ok: true, value: reader(text).document() };
  } catch (error) {
    if (error instanceof JsonFault) return { ok: false, fault: error.fault };
    throw error;
  }
}

/** For rules that forbid: every number as the widest reader takes it. */
export function looseNumbers(value: unknown): unknown {
  if (typeof value === 'symbol') return Number(value.description);
  if (Array.isArray(value)) return value.map(looseNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, looseNumbers(inner)]));
}

function reader(text: string) {
  let at = 0;

  function document(): unknown {
    blank();
    const value = any(0);
    blank();
    if (at < text.length) throw new JsonFault('body_not_json');
    return value;
  }

  function any(depth: number): unknown {
    if (depth > DEEPEST) throw new JsonFault('body_too_deep');
    switch (text.charAt(at)) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return string();
      case 't':
        return word('true', true);
      case 'f':
        return word('false', false);
      case 'n':
        return word('null', null);
      default:
        return number();
    }
  }

  function object(depth: number): unknown {
    const entries: [string, unknown][] = [];
    const seen = new Set<string>();
    at += 1;
    blank();
    if (text[at] === '}') {
      at += 1;
      return {};
    }
    for (;;) {
      if (text[at] !== '"') throw new JsonFault('body_not_json');
      const key = string();
      if (!key.isWellFormed() || /\p{Cc}/u.test(key)) throw new JsonFault('body_not_json');
      const folded = foldCase(key);
      if (seen.has(folded)) throw new JsonFault('body_duplicate_key');
      seen.add(folded);
      blank();
      expect(':');
      blank();
      entries.push([key, any(depth + 1)]);
      if (!more('}')) return Object.fromEntries(entries);
    }
  }

  function list(depth: number): unknown {
    const items: unknown[] = [];
    at += 1;
    blank();
    if (text[at] === ']') {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(any(depth + 1));
      if (!more(']')) return items;
    }
  }

  /** Whether a comma follows; otherwise the given end must. */
  function more(end: string): boolean {
    blank();
    if (text[at] === end) {
      at += 1;
      return false;
    }
    expect(',');
    blank();
    return true;
  }

  function string(): string {
    const start = at;
    let escaped = false;
    for (at += 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (Number.isNaN(code) || code < 0x20) throw new JsonFault('body_not_json');
      if (code === 0x22) break;
      if (code !== 0x5c) continue;
      escaped = true;
      at += 1;
    }
    at += 1;
    return escaped ? unescaped(text.slice(start, at)) : text.slice(start + 1, at - 1);
  }

  function number(): number | OddNumber {
    NUMBER.lastIndex = at;
    const written = NUMBER.exec(text)?.[0];
    if (written === undefined) throw new JsonFault('body_not_json');
    at += written.length;
    return isPlain(written) ? Number(written) : Symbol(written);
  }

  function word<T>(spelt: string, value: T): T {
    if (!text.startsWith(spelt, at)) throw new JsonFault('body_not_json');
    at += spelt.length;
    return value;
  }

  function expect(character: string): void {
    if (text[at] !== character) throw new JsonFault('body_not_json');
    at += 1;
  }

  function blank(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at += 1;
    }
  }

  return { document };
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new JsonFault('body_not_json');
  }
}

function isPlain(written: string): boolean {
  if (!PLAIN.test(written)) return false;
  const digits = written.replace(/[-.]/g, '').replace(/^0+/, '');
  return digits.length <= MOST_DIGITS && !(digits === '' && written.startsWith('-'));
}
