/** The names of our cookies, so that no room sends them upstream or lets the upstream set them. */

/** Over HTTPS the `__Host-` prefix ties the cookie to this host and to secure connections (RFC 6265bis §4.1.3.2). */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-act_as' : 'act_as';
}

/** Case-insensitive, because browsers compare the prefix so and some apps compare whole names so. */
export function isSessionCookieName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'act_as' || lower === '__host-act_as';
}

/** Tells the script in the page, for five seconds, that a request of the app's own code was refused; no secret. */
export const REFUSAL_COOKIE = 'act_as_refused';

/**
 * Marks a browser that was shown a page with buttons: its other pages get our script as well, so that they are covered
 * when a session begins. It says nothing about anybody and permits nothing.
 */
export const STAFF_COOKIE = 'act_as_staff';

/** Holds for a minute which sentence the next page of someone who is acting shows; no secret. */
export const NEWS_COOKIE = 'act_as_news';

/** For a minute after a sign-in to the app: the page on which this browser begins may be another one. */
export const SIGNED_IN_COOKIE = 'act_as_signed_in';

const OTHERS = new Set([REFUSAL_COOKIE, STAFF_COOKIE, NEWS_COOKIE, SIGNED_IN_COOKIE]);

/** Any cookie of ours. */
export function isOwnCookieName(name: string): boolean {
  return isSessionCookieName(name) || OTHERS.has(name.toLowerCase());
}
