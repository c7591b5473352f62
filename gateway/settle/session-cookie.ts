/** Finds the act-as cookie in a Cookie header; anything but exactly one well-formed value never counts as "none". */
import { perConnection } from '../per-connection.ts';
import { isOwnCookieName, isSessionToken, tokenHash } from '../sessions/index.ts';

export type SessionCookie =
  | { readonly kind: 'none' }
  /** The token itself goes no further than this. */
  | { readonly kind: 'token'; readonly tokenHash: string }
  /** Our name with a value we never issued: a dead session, not an ordinary request. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'ambiguous' };

const NONE: SessionCookie = { kind: 'none' };

const MENTIONED = /act_as/i;
/** Our name where a cookie could begin for some reader: after a comma or a blank, in quotes, in capitals (RFC 2109 §4.2.2). */
const DISGUISED = {
  plain: /(?:^|[;,\s"])act_as(?:"?\s*=|\s*(?:;|$))/i,
  secure: /(?:^|[;,\s"])__host-act_as(?:"?\s*=|\s*(?:;|$))/i,
} as const;

export function sessionCookieReader(
  cookieName: string,
): (connection: object, header: string) => SessionCookie {
  const remembered = perConnection((header) => readSessionCookie(header, cookieName));
  return (connection, header) => (MENTIONED.test(header) ? remembered(connection, header) : NONE);
}

function readSessionCookie(header: string, cookieName: string): SessionCookie {
  const values = cookiePairs(header)
    .filter(([name]) => name === cookieName)
    .map(([, value]) => value);
  if (values.length === 0) {
    const disguised = cookieName.startsWith('__Host-') ? DISGUISED.secure : DISGUISED.plain;
    return disguised.test(header) ? { kind: 'malformed' } : NONE;
  }
  if (values.length > 1) return { kind: 'ambiguous' };
  const token = values[0] ?? '';
  return isSessionToken(token) ? { kind: 'token', tokenHash: tokenHash(token) } : { kind: 'malformed' };
}

/** Whether the reader above, over HTTP or HTTPS, would take this `name=value` for the act-as cookie or a disguise of it. */
export function namesSessionCookie(pair: string): boolean {
  return MENTIONED.test(pair) && (DISGUISED.plain.test(pair) || DISGUISED.secure.test(pair));
}

/** The header without any cookie of ours, or null if nothing is left. */
export function cookiesOfTheApp(header: string): string | null {
  const kept = cookiePairs(header).filter(([name]) => !isOwnCookieName(name));
  return kept.length === 0
    ? null
    : kept.map(([name, value]) => (name === '' ? value : `${name}=${value}`)).join('; ');
}

/** The value of one cookie, or null if it is not there or there twice. */
export function cookieValue(header: string, name: string): string | null {
  if (!header.includes(name)) return null;
  const [only, second] = cookiePairs(header).filter(([one]) => one === name);
  return only === undefined || second !== undefined ? null : only[1];
}

/** Only the named cookies, or null if none of them is there. */
export function onlyCookies(header: string, names: ReadonlySet<string>): string | null {
  const kept = cookiePairs(header).filter(([name]) => names.has(name));
  return kept.length === 0 ? null : kept.map(([name, value]) => `${name}=${value}`).join('; ');
}

function cookiePairs(header: string): readonly (readonly [string, string])[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? (['', pair] as const)
        : ([pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const);
    });
}
