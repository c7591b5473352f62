/** What is known of a request before anyone looks at who sent it: address, browser, credential. */
import type { IncomingMessage } from 'node:http';
import { holdsBearer } from './bearer/bearer-token.ts';
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
  const forwardedFor = lineOf(incoming, 'x-forwarded-for');
  return clientAddress(incoming.socket.remoteAddress, forwardedFor, parts.config.trustedProxies);
}

/**
 * A header by its lower-case name, several lines joined as RFC 9110 section 5.3 joins them; null where there is none.
 * The object that Node would make of all headers costs more than everything else that is read of a request.
 */
export function lineOf({ rawHeaders }: IncomingMessage, name: string): string | null {
  let found: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const one = rawHeaders[index] ?? '';
    if (one.length !== name.length || one.toLowerCase() !== name) continue;
    const value = rawHeaders[index + 1] ?? '';
    found = found === null ? value : `${found}, ${value}`;
  }
  return found;
}

const theirCookies = perConnection(cookiesOfTheApp);

/** What the sender brings along to prove who they are to the app; nothing of ours is in it. */
export function credentialOf(incoming: IncomingMessage, parts: Parts): Credential {
  // Of these two nothing is settled that comes in several lines.
  const cookie = lineOf(incoming, 'cookie');
  return {
    cookie: cookie === null ? null : theirCookies(incoming.socket, cookie),
    authorization: lineOf(incoming, 'authorization'),
    header: (name) => lineOf(incoming, name),
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
    userAgent: lineOf(incoming, 'user-agent'),
    requestId: request.id,
  };
}

/** Nothing of an authority, of a query or of parameters, in whatever spelling: tokens and passwords hide there. */
function recordable(target: string): string {
  if (!target.startsWith('/')) return '(no path)';
  // The rest of a link's address is its secret.
  if (/\/_act-as\/+open\//i.test(target)) return '/_act-as/open';
  if (holdsBearer(target)) return '(a bearer)';
  return target.replace(/(?:[?#;]|%(?:25)*(?:3f|23|3b)).*$/is, '');
}
