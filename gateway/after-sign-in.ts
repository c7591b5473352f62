/** Takes staff to the Customer Service page when they have just signed in to the app, if gateway.yaml says so of their role. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Parts } from './parts.ts';
import { credentialOf } from './request-facts.ts';
import { isPage } from './seat.ts';
import { SIGNED_IN_COOKIE } from './sessions/index.ts';
import { cookieValue } from './settle/session-cookie.ts';
import { headerOf, type Settled } from './settle/settle.ts';

/** Where the page is. */
export const CUSTOMER_SERVICE = '/_act-as/';

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax';
const NOTHING: readonly string[] = [];

/**
 * Header lines for the answer to a sign-in that the app did not refuse: for a minute, the browser's next visit to a page
 * where people begin is looked at. The cookie says nothing of who they are; that is asked of the app then.
 */
export function notesSignIn(request: Settled, status: number, parts: Parts): readonly string[] {
  const set = parts.config.customer_service;
  if (set === undefined || status >= 400 || request.method !== set.sign_in.method) return NOTHING;
  if (request.path.canonical !== set.sign_in.path) return NOTHING;
  return ['set-cookie', `${SIGNED_IN_COOKIE}=1; Max-Age=60; ${ATTRIBUTES}`];
}

/** Null, and at once, for nearly every request: only a page where people begin, right after signing in, is another matter. */
export function leadsToCustomerService(
  request: Settled,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<Answer | null> | null {
  const set = parts.config.customer_service;
  if (set === undefined || request.method !== 'GET' || !set.landing.includes(request.path.canonical))
    return null;
  if (cookieValue(headerOf(request, 'cookie') ?? '', SIGNED_IN_COOKIE) === null || !isPage(request))
    return null;
  return lead(request, incoming, set.roles, parts);
}

/** Whoever cannot be identified goes where the app sends them. */
async function lead(
  request: Settled,
  incoming: IncomingMessage,
  roles: readonly string[],
  parts: Parts,
): Promise<Answer | null> {
  const answer = await parts.identity.identify(credentialOf(incoming, parts), 0);
  if (answer.kind !== 'known') return null;
  const { identity } = answer;
  if (!identity.roles.some((role) => roles.includes(role)) || !parts.policy().mayActAtAll(identity))
    return null;
  return {
    status: 303,
    headers: [
      'location',
      CUSTOMER_SERVICE,
      'cache-control',
      'no-store',
      'x-request-id',
      request.id,
      'set-cookie',
      `${SIGNED_IN_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`,
      'content-length',
      '0',
    ],
    body: Buffer.alloc(0),
  };
}
