/** What is known of a request before anyone looks at who sent it: address, browser, credential. */
import type { IncomingMessage } from 'node:http';
import { clientAddress } from './client-address.ts';
import type { Via } from './forward/request-headers.ts';
import type { Credential } from './identity/index.ts';
import type { Parts } from './parts.ts';
import { perConnection } from './per-connection.ts';
import type { HttpFacts } from './record/events.ts';
import { cookiesOfTheApp } from './settle/session-cookie.ts';
import type { Settled, Unsettled } from './settle/settle.ts';

/** @param host an accepted Host; decides the scheme we say the browser used. */
export function viaOf(incoming: IncomingMessage, host: string, id: string, parts: Parts): Via {
  return {
    clientAddress: addressOf(incoming, parts),
    proto: parts.publicOrigin(host).startsWith('https:') ? 'https' : 'http',
    requestId: id,
  };
}

export function addressOf(incoming: IncomingMessage, parts: Parts): string {
  const forwardedFor = incoming.headers['x-forwarded-for'];
  return clientAddress(
    incoming.socket.remoteAddress,
    Array.isArray(forwardedFor) ? forwardedFor.join(',') : (forwardedFor ?? null),
    parts.config.trustedProxies,
  );
}

const theirCookies = perConnection(cookiesOfTheApp);

/** What the sender brings along to prove who they are to the app; nothing of ours is in it. */
export function credentialOf(incoming: IncomingMessage, parts: Parts): Credential {
  const { cookie, authorization } = incoming.headers;
  return {
    cookie: cookie === undefined ? null : theirCookies(incoming.socket, cookie),
    authorization: authorization ?? null,
    headers: incoming.headers,
    remoteAddress: addressOf(incoming, parts),
    connection: incoming.socket,
  };
}

/** What the record keeps of a request; query values are never among it. */
export function httpFacts(request: Settled | Unsettled, incoming: IncomingMessage, parts: Parts): HttpFacts {
  return {
    method: request.method,
    path: recordable(request.kind === 'settled' ? request.path.canonical : (incoming.url ?? '')),
    statusCode: null,
    ipAddress: parts.config.record.actor_address ? addressOf(incoming, parts) : null,
    userAgent: incoming.headers['user-agent'] ?? null,
    requestId: request.id,
  };
}

/** Nothing of an authority, of a query or of parameters, in whatever spelling: tokens and passwords hide there. */
function recordable(target: string): string {
  if (!target.startsWith('/')) return '(no path)';
  // The rest of a link's address is its secret.
  if (/^\/_act-as\/open\//i.test(target)) return '/_act-as/open';
  return target.replace(/(?:[?#;]|%(?:25)*(?:3f|23|3b)).*$/is, '');
}
