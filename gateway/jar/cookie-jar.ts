/** The upstream's cookies of one act-as session, kept on our side as a browser would keep them (RFC 6265). */
import { Cookie, CookieJar as ToughJar, domainMatch, MemoryCookieStore } from 'tough-cookie';
import { isOwnCookieName } from '../sessions/index.ts';

export type CookieJar = {
  /** The Cookie header for a request to this path (with or without query), or null when no cookie goes along. */
  cookieHeader(path: string, now: number): string | null;
  /** Keeps what these Set-Cookie headers say; what a browser would refuse is ignored. Answers whether anything changed. */
  store(setCookies: readonly string[], path: string, now: number): boolean;
  serialise(): string;
};

/** A browser keeps at least 50 cookies a domain and 4096 bytes each (RFC 6265 §6.1); a session needs no more. */
const mostCookies = 50;
const mostCookieBytes = 4096;
const mostHeaderBytes = 8192;

/**
 * @param serialised what {@link CookieJar.serialise} gave, or null for an empty jar; what cannot be read is an empty jar
 * @param publicOrigin the site's own origin as browsers type it: it decides whose cookies are taken and whether Secure
 *   ones work, not the upstream's address
 */
export function openJar(serialised: string | null, publicOrigin: string): CookieJar {
  const { jar, kept } = open(serialised);
  const host = new URL(publicOrigin).hostname;
  const urlOf = (path: string): string =>
    new URL(path.replace(/[?#].*$/s, '').replace(/^\/+/, '/'), publicOrigin).href;

  function put(text: string, url: string, now: number): boolean {
    if (text.length > mostHeaderBytes) return false;
    const cookie = Cookie.parse(text);
    if (cookie === undefined || isOwnCookieName(cookie.key)) return false;
    if (Buffer.byteLength(cookie.key) + Buffer.byteLength(cookie.value) > mostCookieBytes) return false;
    const domain = cookie.cdomain();
    // A Domain that covers our host is narrowed to it: the jar only ever speaks to one host, and no suffix list is asked.
    if (domain !== null && domain !== undefined && domain !== '') {
      if (domainMatch(host, domain) !== true) return false;
      // Only a cookie without a Domain may bear that prefix (RFC 6265bis §4.1.3.2).
      if (/^__host-/i.test(cookie.key)) return false;
    }
    cookie.domain = null;
    fixExpiry(cookie, now);
    const stored = jar.setCookieSync(cookie, url, { ignoreError: true, now: new Date(now) });
    return stored !== undefined;
  }

  return {
    cookieHeader(path, now) {
      const cookies = jar
        .getCookiesSync(urlOf(path), { expire: false, sort: true })
        .filter((cookie) => !isDead(cookie, now));
      return cookies.length === 0 ? null : cookies.map((cookie) => cookie.cookieString()).join('; ');
    },
    store(setCookies, path, now) {
      const url = urlOf(path);
      let changed = false;
      for (const text of setCookies) changed = put(text, url, now) || changed;
      if (changed) evict(kept, now);
      return changed;
    },
    serialise: () => JSON.stringify(jar.serializeSync()),
  };
}

function open(serialised: string | null): { jar: ToughJar; kept: MemoryCookieStore } {
  const options = { rejectPublicSuffixes: false, prefixSecurity: 'silent' } as const;
  const kept = new MemoryCookieStore();
  if (serialised !== null) {
    try {
      return { jar: ToughJar.deserializeSync(serialised, kept), kept };
    } catch {
      return open(null);
    }
  }
  return { jar: new ToughJar(kept, options), kept };
}

/**
 * Turns Max-Age into the instant it means. The library counts it from the last time the cookie was sent, so that a
 * cookie in use would never die.
 */
function fixExpiry(cookie: Cookie, now: number): void {
  if (cookie.maxAge === null) return;
  const seconds =
    typeof cookie.maxAge === 'number' ? cookie.maxAge : cookie.maxAge === 'Infinity' ? Infinity : -1;
  cookie.expires = seconds <= 0 ? new Date(0) : new Date(Math.min(now + seconds * 1000, 8.64e15));
  cookie.maxAge = null;
}

function isDead(cookie: Cookie, now: number): boolean {
  return cookie.expires instanceof Date && cookie.expires.getTime() <= now;
}

/** Dead cookies go first, then the oldest: a jar stays within its bounds. */
function evict(kept: MemoryCookieStore, now: number): void {
  const remove = (cookie: Cookie): void => {
    kept.removeCookie(cookie.domain ?? '', cookie.path ?? '/', cookie.key, () => undefined);
  };
  let all: Cookie[] = [];
  kept.getAllCookies((_, cookies) => {
    all = cookies ?? [];
  });
  const alive = all.filter((cookie) => !isDead(cookie, now));
  for (const cookie of all) if (isDead(cookie, now)) remove(cookie);
  for (const cookie of alive.slice(0, Math.max(0, alive.length - mostCookies))) remove(cookie);
}
