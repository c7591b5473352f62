/** The act-as bearer of apps and other systems: told once, kept as a hash, and nothing that could pass for a cookie. */
import { isSessionToken, newSessionToken } from '../sessions/index.ts';
import type { Settled } from '../settle/settle.ts';

/**
 * Carries the bearer beside the caller's own credential, never in its place: a session lasts no longer than its actor's
 * sign-in, so every request must prove that as well, and one of the two in the wrong hands is not enough.
 */
export const BEARER_HEADER = 'act-as';

/** Lets scanners of code and logs know one when they see it; and no cookie of ours has this shape. */
const PREFIX = 'act_as_';

/** `randomBytes` must be cryptographically strong. */
export function newBearerToken(randomBytes: (size: number) => Buffer): string {
  return PREFIX + newSessionToken(randomBytes);
}

export function isBearerToken(value: string): boolean {
  return value.startsWith(PREFIX) && isSessionToken(value.slice(PREFIX.length));
}

/** Whether one stands in a target or a credential, where none may stand. */
export function holdsBearer(text: string): boolean {
  return text.includes(PREFIX) && /act_as_[A-Za-z0-9_-]{43}/.test(text);
}

/** Whether the request's seat is shown by bearer. A browser sends none that a page did not put there. */
export function bearsToken({ names }: Pick<Settled, 'names'>): boolean {
  return names.includes(BEARER_HEADER);
}
