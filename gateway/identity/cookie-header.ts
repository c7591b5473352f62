/** Reads a Cookie header the way the app would see it: order, duplicates and spelling stay exactly as they came. */
import { isSessionCookieName } from '../sessions/index.ts';

/** Names of the cookies that prove who somebody is, or `all` of them. */
export type CookieChoice = readonly string[] | 'all';

/**
 * The chosen cookies of a Cookie header, or null if there are none. Of several with one name all are kept, in order,
 * so that the app picks as it would have picked itself (threat I-9). A header with quotes in it, which some parsers
 * read as one long value and others do not, goes whole for the same reason. Cookies of ours never pass.
 */
export function chooseCookies(header: string | null, choice: CookieChoice): string | null {
  if (header === null) return null;
  const theirs = header.split(';').filter((pair) => pair.trim() !== '' && !isSessionCookieName(nameOf(pair)));
  const proofs = choice === 'all' ? theirs : theirs.filter((pair) => choice.includes(nameOf(pair)));
  if (proofs.length === 0) return null;
  const chosen = header.includes('"') ? theirs : proofs;
  return chosen.map((pair) => pair.trim()).join('; ');
}

/** The values of every cookie with this name, in order, without the quotes that may surround them. */
export function cookieValues(header: string | null, name: string): readonly string[] {
  if (header === null) return [];
  return header
    .split(';')
    .filter((pair) => nameOf(pair) === name)
    .map((pair) =>
      pair
        .slice(pair.indexOf('=') + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=');
  return (end < 0 ? pair : pair.slice(0, end)).trim();
}
