/** What an acting request must satisfy beyond every other: exactly one meaning, for us and for any upstream. */
import type { RequestFault } from '../refusal.ts';
import { headerOf, type Settled } from './settle.ts';

const QUERY = /^(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]]*)?$/;
const HEADER_NAME = /^[a-z0-9-]+$/;
const OVERRIDE = /^(?:_method|x-http-method(?:-override)?|x-method-override)(?:\[\])?$/;

export type Strict =
  { readonly ok: true; readonly query: string } | { readonly ok: false; readonly fault: RequestFault };

/**
 * The query comes back without method overrides: while acting a request means the method it is sent with.
 * Their headers need no such care, because only listed headers go up at all.
 */
export function settleStrictly(request: Settled): Strict {
  const pathFault = request.path.faults[0];
  if (pathFault !== undefined) return { ok: false, fault: pathFault };
  if (request.names.some((name) => !HEADER_NAME.test(name))) return { ok: false, fault: 'header_name' };
  if (request.upgrade) return { ok: false, fault: 'upgrade' };
  // A worker registered by the subject's pages would outlive the session in the actor's browser.
  if (headerOf(request, 'service-worker') !== null) return { ok: false, fault: 'service_worker' };
  if (headerOf(request, 'trailer') !== null) return { ok: false, fault: 'framing' };
  const encoding = headerOf(request, 'content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity')
    return { ok: false, fault: 'body_encoding' };
  return settleQuery(request.query);
}

function settleQuery(query: string): Strict {
  if (!QUERY.test(query)) return { ok: false, fault: 'query' };
  if (query.length < 2) return { ok: true, query: '' };
  const kept: string[] = [];
  for (const pair of query.slice(1).split('&')) {
    // Some stacks split at semicolons as well, so an override hidden behind one is refused, not stripped.
    const names = pair.split(';').map((part) => decoded(part.split('=', 1)[0] ?? ''));
    if (names.some((name) => name === null)) return { ok: false, fault: 'query' };
    const overriding = names.map((name) => OVERRIDE.test((name ?? '').trim().toLowerCase()));
    if (overriding.slice(1).some(Boolean)) return { ok: false, fault: 'method_override' };
    if (overriding[0] !== true) kept.push(pair);
  }
  return { ok: true, query: kept.length === 0 ? '' : `?${kept.join('&')}` };
}

function decoded(text: string): string | null {
  try {
    const once = decodeURIComponent(text.replaceAll('+', ' '));
    return /\p{Cc}/u.test(once) ? null : once;
  } catch {
    return null;
  }
}
