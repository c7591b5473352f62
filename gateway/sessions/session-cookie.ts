/** The names of the act-as cookie, so that no room sends it upstream or lets the upstream set it. */

/** Over HTTPS the `__Host-` prefix ties the cookie to this host and to secure connections (RFC 6265bis §4.1.3.2). */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-act_as' : 'act_as';
}

/** Case-insensitive, because browsers compare the prefix so and some apps compare whole names so. */
export function isSessionCookieName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'act_as' || lower === '__host-act_as';
}
