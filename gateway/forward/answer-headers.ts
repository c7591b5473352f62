/** Which of the upstream's header lines go on to the browser, ordinary and acting. */
import { keepHeaders } from '../answer.ts';
import { isForCaches } from '../cache-headers.ts';
import { onceForEach } from '../once-for-each.ts';
import { isOwnCookieName } from '../sessions/index.ts';
import { namesSessionCookie } from '../settle/session-cookie.ts';
import { HOP_BY_HOP } from './hop-by-hop.ts';

/** An acting answer must leave nothing of the subject behind in the actor's browser, nor instruct it or a proxy. */
const NOT_WHILE_ACTING = new Set([
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'service-worker-allowed',
  'alt-svc',
  'x-sendfile',
  'etag',
  'last-modified',
  'vary',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
  'www-authenticate',
  'authentication-info',
  // What browsers keep for the whole site and for long: where to report what is visited, which hints to send, who is signed in,
  // by which key a session is renewed, what later answers are compressed with, and what advertisements were seen.
  'nel',
  'report-to',
  'accept-ch',
  'critical-ch',
  'set-login',
  'secure-session-registration',
  'sec-session-registration',
  'secure-session-challenge',
  'sec-session-challenge',
  'use-as-dictionary',
  'observe-browsing-topics',
  'attribution-reporting-register-source',
  'attribution-reporting-register-trigger',
]);

/** Apps hand sign-ins out under many names (`vendure-auth-token`, `x-session-id`); what guards a form is not one of them. */
const CREDENTIAL = /(?:^|-)(?:auth|authorization|credential|jwt|session|sid|token)(?:-|$)/;
const FORM_GUARD = /csrf|xsrf/;

export type Origins = {
  /** The upstream's own origin, which must not show in redirects. */
  readonly upstream: string;
  /** What the browser calls us. */
  readonly public: string;
};

/** @param headers names in lower case */
export function ordinaryAnswerHeaders(headers: readonly string[], origins: Origins): string[] {
  return answerLines(headers, origins, () => true);
}

function answerLines(
  headers: readonly string[],
  origins: Origins,
  keep: (name: string, value: string) => boolean,
): string[] {
  let connection: readonly string[] | null = null;
  const lines: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name === 'connection') {
      if (value !== 'keep-alive' && value !== 'close')
        connection = [...(connection ?? []), ...namesIn(value)];
      continue;
    }
    if (HOP_BY_HOP.has(name) || name === 'x-request-id') continue;
    // Nobody but us seats a browser or takes its seat away.
    if (name === 'set-cookie' && isOurs(value)) continue;
    const shown = name === 'location' ? publicLocation(value, origins) : value;
    if (keep(name, shown)) lines.push(name, shown);
  }
  if (connection === null) return lines;
  const named = connection;
  return keepHeaders(lines, (name) => !named.includes(name));
}

/** What seats the subject upstream; an answer's line that plays one of them back goes no further. */
export type Secrets = { readonly tokens: readonly string[]; readonly cookies: readonly string[] };

export function actingAnswerHeaders(
  headers: readonly string[],
  origins: Origins,
  secrets: Secrets,
): string[] {
  const kept = answerLines(
    headers,
    origins,
    (name, value) =>
      !NOT_WHILE_ACTING.has(name) &&
      !isForCaches(name) &&
      !name.startsWith('x-accel-') &&
      !namesCredential(name) &&
      !playsBack(name, value, secrets) &&
      !(name === 'refresh' && leadsAway(value, origins)),
  );
  kept.push(
    'cache-control',
    'no-store',
    'referrer-policy',
    'same-origin',
    'x-content-type-options',
    'nosniff',
    'x-frame-options',
    'SAMEORIGIN',
    // Where the app names ancestors of its own, browsers heed no X-Frame-Options; of two policies they heed both.
    'content-security-policy',
    "frame-ancestors 'self'",
  );
  return kept;
}

/** Apps answer with the same few names. */
const namesCredential = onceForEach((name) => CREDENTIAL.test(name) && !FORM_GUARD.test(name));

/** Shorter values are flags and languages, which answers may well repeat. */
const SHORTEST_SECRET = 8;

function playsBack(name: string, value: string, { tokens, cookies }: Secrets): boolean {
  if (value.length < SHORTEST_SECRET) return false;
  const holds = (secret: string): boolean => secret.length >= SHORTEST_SECRET && value.includes(secret);
  // A cookie may hold the id of a cart, and a redirect lead to that cart.
  return tokens.some(holds) || (name !== 'location' && cookies.some(holds));
}

/** Every Set-Cookie line but those that bear a name of ours. */
export function setCookies(headers: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'set-cookie') continue;
    const line = headers[index + 1] ?? '';
    if (!isOurs(line)) found.push(line);
  }
  return found;
}

/** Without a name, a cookie is sent back as its value alone: what stands in front of the next `=` is then its name. */
function isOurs(setCookie: string): boolean {
  const pair = (setCookie.split(';', 1)[0] ?? '').replace(/^\s*=/, '');
  return isOwnCookieName((pair.split('=', 1)[0] ?? '').trim()) || namesSessionCookie(pair);
}

function namesIn(connection: string): readonly string[] {
  return connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
}

function publicLocation(location: string, origins: Origins): string {
  if (!location.startsWith(origins.upstream)) return location;
  const rest = location.slice(origins.upstream.length);
  return rest === '' || /^[/?#]/.test(rest) ? origins.public + rest : location;
}

/** Only what every browser reads alike stays: a number, and perhaps an address of ours behind it (HTML section 7.4.6). */
function leadsAway(refresh: string, origins: Origins): boolean {
  const plain = /^\d+(?:\s*[;,]\s*(?:url\s*=\s*)?(\S+))?$/i.exec(refresh.trim());
  if (plain === null) return true;
  if (plain[1] === undefined) return false;
  const address = plain[1].replace(/^(['"])(.*)\1$/, '$2');
  if (/['"]/.test(address) || !URL.canParse(address, origins.public)) return true;
  return new URL(address, origins.public).origin !== origins.public;
}
