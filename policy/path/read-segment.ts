/** Reads one segment of a raw path: its canonical spelling, what it says, and what keeps it from having one meaning. */
import type { PathFault } from '../path.ts';
import { isConfusable } from './confusable.ts';

export type ReadSegment = {
  readonly canonical: string;
  readonly decoded: string;
  readonly faults: readonly PathFault[];
};

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** An escape, or anything that RFC 3986 lets no path contain. Brackets are not pchar either, but browsers send them bare. */
const TO_REWRITE = /%([0-9a-fA-F]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@[\]]/gu;
const PLAIN = /^[A-Za-z0-9\-_~!$&'()*+,=:@[\]]*$/;
const NO_FAULTS: readonly PathFault[] = [];
/** Where some server ends a segment, whatever is configured to be accepted inside one. */
const MAY_END_A_NAME = /[/\\;?#]/;
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function readSegment(raw: string): ReadSegment {
  if (PLAIN.test(raw)) return { canonical: raw, decoded: raw, faults: NO_FAULTS };
  const faults = new Set<PathFault>();
  const canonical = raw.replace(TO_REWRITE, (found: string, hex: string | undefined) => {
    if (hex !== undefined) {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(character) ? character : found.toUpperCase();
    }
    faults.add(found === '%' ? 'bad_percent' : 'bad_character');
    return encodeURIComponent(found.toWellFormed());
  });

  const strict = decodeStrictly(canonical);
  const decoded = strict ?? decodeLeniently(canonical);
  if (strict === null) faults.add('bad_utf8');
  if (decoded.includes('/')) faults.add('encoded_slash');
  if (/%5c/i.test(raw)) faults.add('encoded_backslash');
  if (/\p{Cc}/u.test(decoded)) faults.add('encoded_control');
  if (/%(?:3b|3f|23)/i.test(raw)) faults.add('encoded_delimiter');
  if (raw.includes(';')) faults.add('path_parameter');
  // `%u002f` is an escape to some servers, and every `%` that decoding brought forth may be decoded once more.
  if (/%25/.test(canonical) && /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i.test(decoded)) faults.add('double_encoding');
  if (decoded.split(MAY_END_A_NAME).some(isDots)) faults.add('dot_segment');
  else if (/^\s|[.\s]$/u.test(decoded)) faults.add('trailing_dot');
  if (isConfusable(decoded)) faults.add('confusable');
  return { canonical, decoded, faults: [...faults] };
}

/** `.` and `..`, also to servers that trim blanks and further dots. */
function isDots(name: string): boolean {
  return /^\s*\.[.\s]*$/u.test(name);
}

/** Null where the bytes are not UTF-8 in its shortest form. */
function decodeStrictly(canonical: string): string | null {
  if (!canonical.includes('%')) return canonical;
  try {
    return decodeURIComponent(canonical);
  } catch {
    return null;
  }
}

function decodeLeniently(canonical: string): string {
  return canonical.replace(/(?:%[0-9A-F]{2})+/g, (run) =>
    lenientUtf8.decode(Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))),
  );
}
