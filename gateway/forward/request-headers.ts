/** Which header lines go upstream: ordinary requests keep theirs but for a strip-list, acting ones only a list of known ones. */
import { cookiesOfTheApp } from '../settle/session-cookie.ts';
import type { Settled } from '../settle/settle.ts';
import { HOP_BY_HOP } from './hop-by-hop.ts';

/** Written by us and by nobody else; of `x-forwarded-` all, because proxies put even people's names there. */
const OURS = new Set(['forwarded', 'x-real-ip', 'x-request-id']);

function isOurs(name: string): boolean {
  return name.startsWith('x-forwarded-') || OURS.has(name);
}

/** What an app may need from a browser while someone acts; strip-lists rot, so this is a list of what may pass. */
const ACTING = new Set([
  'accept',
  'accept-language',
  'content-type',
  'origin',
  'referer',
  'range',
  'if-match',
  'if-unmodified-since',
  'user-agent',
  'x-requested-with',
  'x-csrf-token',
  'x-xsrf-token',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'traceparent',
  'tracestate',
]);

export type Via = {
  readonly clientAddress: string;
  readonly proto: 'http' | 'https';
  readonly requestId: string;
};

export type HeaderRules = {
  readonly identityHeaders: ReadonlySet<string>;
  readonly actingHeaders: ReadonlySet<string>;
  /** Host header for the upstream, or null to pass the browser's own on. */
  readonly upstreamHost: string | null;
};

/** Lines of an ordinary request, in the order and letter case they came in. */
export function ordinaryHeaders(request: Settled, via: Via, rules: HeaderRules): string[] {
  const { rawHeaders, names, connectionNames } = request;
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = names[index] ?? '';
    if (name === 'host' || HOP_BY_HOP.has(name) || isOurs(name)) continue;
    if (rules.identityHeaders.has(name) || isDisguised(name, rules.identityHeaders)) continue;
    if (connectionNames.length > 0 && connectionNames.includes(name)) continue;
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie' && value.includes('act_as')) {
      const rest = cookiesOfTheApp(value);
      if (rest !== null) lines.push('cookie', rest);
    } else lines.push(rawHeaders[index] ?? '', value);
  }
  lines.push(...describeClient(request.host, via, rules));
  return lines;
}

/**
 * Lines of an acting request: no credential, cookie or validator of the actor's browser among them.
 * @param seat what seats the subject, lower-case names; added last, after the client's own `Connection` had its say.
 */
export function actingHeaders(
  request: Settled,
  via: Via,
  rules: HeaderRules,
  seat: Readonly<Record<string, string>>,
): string[] {
  const { rawHeaders, names, connectionNames } = request;
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = names[index] ?? '';
    if (!ACTING.has(name) && !rules.actingHeaders.has(name)) continue;
    if (rules.identityHeaders.has(name) || connectionNames.includes(name) || name in seat) continue;
    lines.push(name, rawHeaders[index + 1] ?? '');
  }
  lines.push(...describeClient(request.host, via, rules));
  for (const [name, value] of Object.entries(seat)) lines.push(name, value);
  return lines;
}

/** `X_User_Id` and `X.User.Id` reach a CGI-like app as the same variable as `X-User-Id`. */
function isDisguised(name: string, identityHeaders: ReadonlySet<string>): boolean {
  if (!/[^a-z0-9-]/.test(name)) return false;
  const plain = name.replaceAll(/[^a-z0-9]/g, '-');
  return identityHeaders.has(plain) || isOurs(plain);
}

/** Who the client is and how it reached us (RFC 7239 and its unwritten predecessors), in pairs. */
export function describeClient(host: string, via: Via, rules: HeaderRules): readonly string[] {
  const address = via.clientAddress.includes(':') ? `"[${via.clientAddress}]"` : via.clientAddress;
  return [
    'host',
    rules.upstreamHost ?? host,
    'x-forwarded-for',
    via.clientAddress,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    via.proto,
    'forwarded',
    `for=${address};host="${host}";proto=${via.proto}`,
    'x-request-id',
    via.requestId,
  ];
}
