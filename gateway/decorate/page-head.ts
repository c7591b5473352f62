/** Tells which answers are pages that can be decorated, and how their bytes are coded. */

export type HeaderPair = readonly [name: string, value: string];

export type AnswerHead = {
  /** Of the request that is being answered. */
  readonly method: string;
  readonly status: number;
  readonly headers: readonly HeaderPair[];
};

export type Coding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** Labels of encodings in which the bytes of a tag are not its ASCII codes (Encoding Standard, section 4.2). */
const NOT_ASCII =
  /^(utf-?16(le|be)?|utf-?32(le|be)?|utf-?7|unicode(fffe|feff)?|ucs-2|csunicode|iso-10646-ucs-2|(cs)?iso-?2022-?(jp|kr|cn|cn-ext)|hz-gb-2312|replacement)$/;

/**
 * The coding of a page that can be decorated, or null for any other answer: not `text/html`, no body, a redirect,
 * a part, a download, a character encoding that is no superset of ASCII, or a content coding we cannot undo.
 * `Cache-Control: no-transform` does not keep a notice away: it binds caches and proxies between the site and its
 * reader (RFC 9111 section 5.2.2.6), and the gateway is part of the site.
 */
export function pageCoding(head: AnswerHead): Coding | null {
  const { method, status } = head;
  if (method === 'HEAD' || method === 'CONNECT') return null;
  if (status < 200 || status === 204 || status === 205 || status === 206) return null;
  if (status >= 300 && status < 400) return null;

  if (!isAsciiHtml(valuesOf(head.headers, 'content-type').join(','))) return null;
  if (valuesOf(head.headers, 'content-range').length > 0) return null;
  if (valuesOf(head.headers, 'content-disposition').some((value) => !/^\s*inline\s*(;|$)/i.test(value)))
    return null;

  const coding = valuesOf(head.headers, 'content-encoding').join(',').trim().toLowerCase();
  // No decoder takes nothing at all for a whole body, and the answer must not be lost over it.
  if (coding !== '' && valuesOf(head.headers, 'content-length').includes('0')) return null;
  return CODINGS.get(coding) ?? null;
}

/**
 * As browsers read it: of several types the last that is one counts, and a blank ends it as a semicolon does. Which of
 * several encodings counts is not looked at.
 */
function isAsciiHtml(contentType: string): boolean {
  const types = contentType.split(',').filter((text) => TYPE.test(text));
  if (TYPE.exec(types.at(-1) ?? '')?.[1]?.toLowerCase() !== 'text/html') return false;
  const charsets = contentType.matchAll(/[;,\s]charset\s*=\s*["']?([^"',;]*)/gi);
  return charsets.every(([, charset = '']) => !NOT_ASCII.test(charset.trim().toLowerCase()));
}

const TYPE = /^\s*([^\s;/]+\/[^\s;/]+)(?=[\s;]|$)/;

/** Every value of one header, by its lower-case name. */
export function valuesOf(headers: readonly HeaderPair[], name: string): string[] {
  return headers.filter(([header]) => header.toLowerCase() === name).map(([, value]) => value);
}
