/**
 * Every reading of a path that some real server makes of it, folded, for rules that forbid to compare with. For a path
 * with faults it is best effort, and generous: a reading too many pauses a request, one too few lets it through.
 */
import { foldText } from './confusable.ts';

const MOST_DECODINGS = 4;
/** More than any path can have: a reading that is left out would be a way round. */
const MOST_FORMS = 1024;

/** Of a path with nothing to decode and nothing in doubt. */
export function looseFormsOfClean(path: string): readonly string[] {
  const lower = path.toLowerCase();
  const form = lower.length > 1 && lower.endsWith('/') ? lower.slice(0, -1) : lower;
  return form.includes('.') ? [form, withoutSuffix(form)] : [form];
}

/** Of a path without faults, from its decoded segments. */
export function looseFormsOf(segments: readonly string[]): readonly string[] {
  const form = foldText(`/${segments.join('/')}`);
  const last = segments.at(-1);
  return last?.includes('.') ? [form, withoutSuffix(form)] : [form];
}

/** Of a path that has no single meaning, from the raw text. */
export function looseReadings(raw: string): readonly string[] {
  const forms = new Set<string>();
  for (const text of decodings(raw))
    for (const whole of [text, afterAuthority(text)])
      for (const cut of [whole, beforeDelimiter(whole)])
        for (const parts of segmentings(cut)) {
          if (forms.size >= MOST_FORMS) return [...forms];
          const form = `/${parts.join('/')}`;
          forms.add(form);
          forms.add(withoutSuffix(form));
        }
  return [...forms];
}

/** What an index matches: the root has no segments. */
export function segmentsOfForm(form: string): readonly string[] {
  return form === '/' ? [] : form.slice(1).split('/');
}

/**
 * Decoded segment by segment with slashes kept inside, decoded once, and decoded until nothing is left to decode; each
 * with what stands behind a `;` cut off before the decoding or not, because a `;` that only then appears is a name's own.
 */
function decodings(raw: string): ReadonlySet<string> {
  const readings = new Set<string>();
  for (const text of withAndWithoutParameters(raw)) {
    readings.add(foldText(decodeOnce(text.replace(/%(?=2f|5c)/gi, '%25'))));
    for (const decode of [decodeOnce, decodeAscii]) addDecoded(text, decode, MOST_DECODINGS, readings);
  }
  return readings;
}

function addDecoded(
  before: string,
  decode: (text: string) => string,
  rounds: number,
  readings: Set<string>,
): void {
  const text = decode(before);
  for (const reading of [text, decodeOnce(text)]) readings.add(foldText(reading).replaceAll('\\', '/'));
  if (text === before || rounds === 1) return;
  for (const next of withAndWithoutParameters(text)) addDecoded(next, decode, rounds - 1, readings);
}

function withAndWithoutParameters(text: string): readonly string[] {
  return text.includes(';') ? [text, text.replace(/;[^/]*/g, '')] : [text];
}

/** Leaves what is not ASCII for the end, so that a character whose bytes were encoded unequally often is put together. */
function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Overlong forms of ASCII (`%C0%AF`) and `%u002f` are read too; what cannot be read stays. */
function decodeOnce(text: string): string {
  return text
    .replace(/%u00([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      const bytes = run
        .slice(1)
        .split('%')
        .map((hex) => Number.parseInt(hex, 16));
      const shortened: number[] = [];
      for (let at = 0; at < bytes.length; at += 1) {
        const overlong = overlongAscii(bytes, at);
        shortened.push(overlong?.byte ?? bytes[at] ?? 0);
        at += overlong?.more ?? 0;
      }
      return Buffer.from(shortened).toString('utf8');
    });
}

function overlongAscii(bytes: readonly number[], at: number): { byte: number; more: number } | null {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.slice(at, at + 4);
  if (first === 0xc0 || first === 0xc1) return { byte: ((first & 1) << 6) | (second & 0x3f), more: 1 };
  if (first === 0xe0 && (second === 0x80 || second === 0x81))
    return { byte: ((second & 1) << 6) | (third & 0x3f), more: 2 };
  if (first === 0xf0 && second === 0x80 && (third === 0x80 || third === 0x81))
    return { byte: ((third & 1) << 6) | (fourth & 0x3f), more: 3 };
  return null;
}

/** `http://host/x` and `//host/x` are `/x` to a server that parses the target as a URL. */
function afterAuthority(text: string): string {
  return text.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/, '');
}

/** Cut where a server would see the query, the fragment, or the end of a C string. */
function beforeDelimiter(text: string): string {
  return text.replace(/[?#\0][^]*$/, '');
}

function segmentings(text: string): readonly (readonly string[])[] {
  const kept = text.replace(/\p{Cc}/gu, '').split('/');
  const cut = kept.map((segment) => segment.replace(/;.*$/, ''));
  return [kept, cut].flatMap((parts) => [
    climb(parts.slice(1)),
    climb(parts.filter((part) => part !== '')),
    tidy(parts.filter((part) => !isDots(part))),
  ]);
}

/** Dot segments resolved as RFC 3986 section 5.2.4 says. */
function climb(parts: readonly string[]): readonly string[] {
  const resolved: string[] = [];
  for (const part of parts) {
    if (part.trim() === '..') resolved.pop();
    else if (part.trim() !== '.') resolved.push(part);
  }
  return tidy(resolved);
}

function tidy(parts: readonly string[]): readonly string[] {
  return parts.map((part) => part.replace(/[.\s]+$/u, '').trimStart()).filter((part) => part !== '');
}

function isDots(part: string): boolean {
  return part.trim() === '.' || part.trim() === '..';
}

/** Some frameworks route `/cart.json` as `/cart`. */
function withoutSuffix(form: string): string {
  return form.replace(/(?<=[^/])\.[^./]*$/, '');
}
