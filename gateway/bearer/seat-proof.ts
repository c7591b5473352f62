/** What a request shows for its seat, cookie or bearer: never both, and a value of no use is a dead session, not none. */
import { tokenHash } from '../sessions/index.ts';
import type { SessionCookie } from '../settle/session-cookie.ts';
import { isBearerToken } from './bearer-token.ts';

/** @param bearer the value of the header, or null where there is none */
export function seatProof(cookie: SessionCookie, bearer: string | null): SessionCookie {
  if (bearer === null) return cookie;
  if (cookie.kind !== 'none') return { kind: 'ambiguous' };
  return isBearerToken(bearer) ? { kind: 'token', tokenHash: tokenHash(bearer) } : { kind: 'malformed' };
}

/** `Act_As` and `Act.As` reach a CGI-like app, and whoever reads its log, as the same name. */
export function isBearerDisguised(name: string): boolean {
  return name.length === 6 && /^act[^a-z0-9]as$/.test(name);
}
