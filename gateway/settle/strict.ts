/** What an acting request must satisfy beyond every other: exactly one meaning, for us and for any upstream. */
import { isRead } from '../../policy/index.ts';
import type { RequestFault } from '../refusal.ts';
import { headerWishes, meaningOf, type OverrideRules } from './method-override.ts';
import { isOverrideField } from './override-name.ts';
import { headerOf, type Settled } from './settle.ts';

const QUERY = /^(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]]*)?$/;
const HEADER_NAME = /^[a-z0-9-]+$/;

export type Strict =
  | {
      readonly ok: true;
      readonly query: string;
      /** The method that the app may read by header or query; null where it is the one that was sent. */
      readonly means: string | null;
    }
  | { readonly ok: false; readonly fault: RequestFault };

/** Lines that may give a request a second meaning, or carry it out twice. */
const TELLING = new Set(['service-worker', 'early-data', 'trailer', 'content-encoding']);

/** Where overrides are stripped, the query comes back without them; their headers go up only where they are matched. */
export function settleStrictly(request: Settled, rules: OverrideRules): Strict {
  const pathFault = request.path.faults[0];
  if (pathFault !== undefined) return { ok: false, fault: pathFault };
  const fault = headerFault(request);
  if (fault !== null) return { ok: false, fault };
  const query = settleQuery(request.query);
  if (!query.ok) return query;
  const meaning = meaningOf(request.method, [...headerWishes(request), ...query.wishes], rules);
  if (!meaning.ok) return { ok: false, fault: 'method_override' };
  return {
    ok: true,
    query: rules.override === 'strip' ? query.stripped : request.query,
    means: meaning.means,
  };
}

function headerFault(request: Settled): RequestFault | null {
  const { names } = request;
  let telling = false;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index] ?? '';
    if (!HEADER_NAME.test(name)) return 'header_name';
    telling ||= TELLING.has(name);
  }
  if (request.upgrade) return 'upgrade';
  if (!telling) return null;
  // A worker registered by the subject's pages would outlive the session in the actor's browser.
  if (headerOf(request, 'service-worker') !== null) return 'service_worker';
  // A replay of it could carry a write out twice (RFC 8470 section 5.2).
  if (headerOf(request, 'early-data') !== null && !isRead(request.method)) return 'early_data';
  if (headerOf(request, 'trailer') !== null) return 'framing';
  const encoding = headerOf(request, 'content-encoding');
  return encoding !== null && encoding.toLowerCase() !== 'identity' ? 'body_encoding' : null;
}

type Query =
  | { readonly ok: true; readonly stripped: string; readonly wishes: readonly string[] }
  | { readonly ok: false; readonly fault: RequestFault };

function settleQuery(query: string): Query {
  if (!QUERY.test(query)) return { ok: false, fault: 'query' };
  if (query.length < 2) return { ok: true, stripped: '', wishes: [] };
  const kept: string[] = [];
  const wishes: string[] = [];
  for (const pair of query.slice(1).split('&')) {
    // Some stacks split at semicolons as well, so an override hidden behind one is refused, not stripped.
    const names = pair.split(';').map((part) => decoded(part.split('=', 1)[0] ?? ''));
    if (names.some((name) => name === null)) return { ok: false, fault: 'query' };
    const overriding = names.map((name) => isOverrideField(name ?? ''));
    if (overriding.some(Boolean) && names.length > 1) return { ok: false, fault: 'method_override' };
    if (overriding[0] === true) wishes.push(decoded(pair.slice(pair.indexOf('=') + 1)) ?? '');
    else kept.push(pair);
  }
  return { ok: true, stripped: kept.length === 0 ? '' : `?${kept.join('&')}`, wishes };
}

function decoded(text: string): string | null {
  try {
    const once = decodeURIComponent(text.replaceAll('+', ' '));
    return /\p{Cc}/u.test(once) ? null : once;
  } catch {
    return null;
  }
}
