/** Stage 1: reads one raw request into the single form that everything after it decides on and forwards. */
import type { IncomingMessage } from 'node:http';
import { settlePath, type AcceptedFaults, type SettledPath } from '../../policy/index.ts';
import type { RequestFault } from '../refusal.ts';
import { BEARER_HEADER, holdsBearer } from '../bearer/bearer-token.ts';
import { isBearerDisguised, seatProof } from '../bearer/seat-proof.ts';
import type { SessionCookie } from './session-cookie.ts';

export type SettleRules = {
  readonly methods: ReadonlySet<string>;
  readonly targetBytes: number;
  readonly headerLines: number;
  readonly requestBody: number;
  readonly servesHost: (host: string) => boolean;
  /** Reads a Cookie header that came over this connection. */
  readonly sessionCookie: (connection: object, header: string) => SessionCookie;
  /** What gateway.yaml accepts in a path. */
  readonly accepted: AcceptedFaults;
};

export type Settled = {
  readonly kind: 'settled';
  readonly id: string;
  readonly method: string;
  /** The target as it came, for ordinary traffic; acting requests are rebuilt from `path` and `query`. */
  readonly target: string;
  readonly path: SettledPath;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly host: string;
  /** Header lines in pairs as they came, and their names in lower case at the same index. */
  readonly rawHeaders: readonly string[];
  readonly names: readonly string[];
  /** What `Connection:` names, lower-case: these lines go no further. */
  readonly connectionNames: readonly string[];
  /** What it shows for its seat, cookie or bearer. */
  readonly cookie: SessionCookie;
  /** Bytes announced, `chunked`, or null for no body. */
  readonly body: number | 'chunked' | null;
  readonly upgrade: boolean;
};

export type Unsettled = {
  readonly kind: 'unsettled';
  readonly id: string;
  readonly fault: RequestFault;
  readonly method: string;
  readonly cookie: SessionCookie;
};

const TARGET = /^\/[\x21\x22\x24-\x7e]*$/;
const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/;
const LENGTH = /^(?:0|[1-9]\d{0,14})$/;
const SINGLE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'authorization',
  'cookie',
  'expect',
  'origin',
  'upgrade',
  BEARER_HEADER,
]);
/** A client may not have a proxy drop these by naming them in `Connection` (CVE-2022-31813 and its kin). */
const NOT_HOP_BY_HOP =
  /^(?:host|cookie|authorization|content-length|content-type|transfer-encoding|origin|act-as|forwarded|x-forwarded-.*|x-request-id|x-real-ip)$/;
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Total: every request is either settled or refused by one named fault. */
export function settle(incoming: IncomingMessage, rules: SettleRules, id: string): Settled | Unsettled {
  const { rawHeaders } = incoming;
  const method = incoming.method ?? '';
  const target = incoming.url ?? '';
  const names: string[] = [];
  let host: string | null = null;
  let length: string | null = null;
  let encoding: string | null = null;
  let expect: string | null = null;
  let connection = '';
  let cookies = '';
  let upgrade = false;
  let bearer: string | null = null;
  let fault: RequestFault | null = null;
  let seen = '';

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    names.push(name, name);
    if (SINGLE.has(name)) {
      if (seen.includes(`|${name}|`)) fault ??= 'header_repeated';
      seen += `|${name}|`;
    }
    switch (name) {
      case 'host':
        host ??= value.toLowerCase();
        break;
      case 'content-length':
        length = value;
        break;
      case 'transfer-encoding':
        encoding = value;
        break;
      case 'connection':
        connection += connection === '' ? value : `,${value}`;
        break;
      case 'cookie':
        cookies += cookies === '' ? value : `; ${value}`;
        break;
      case 'expect':
        expect = value;
        break;
      case 'upgrade':
        upgrade = true;
        break;
      case 'authorization':
        // Where the caller's own credential stands it would go up.
        if (holdsBearer(value)) bearer = '';
        break;
      case BEARER_HEADER:
        bearer ??= value;
        break;
      default:
        // No value of ours goes up by another spelling of the name.
        if (isBearerDisguised(name)) bearer = '';
    }
  }
  // An address is written down in too many places to hold one: whoever sends it so gets a dead session.
  if (holdsBearer(target)) bearer = '';
  const cookie = seatProof(rules.sessionCookie(incoming.socket, cookies), bearer);
  const unsettled = (why: RequestFault): Unsettled => ({ kind: 'unsettled', id, fault: why, method, cookie });

  if (incoming.httpVersion !== '1.1' && incoming.httpVersion !== '1.0') return unsettled('http_version');
  if (!rules.methods.has(method)) return unsettled('method_not_served');
  if (target.length > rules.targetBytes) return unsettled('target_too_long');
  if (!TARGET.test(target)) return unsettled(target.startsWith('/') ? 'bad_character' : 'not_origin_form');
  if (rawHeaders.length > 2 * rules.headerLines) return unsettled('headers_too_many');
  if (fault !== null) return unsettled(fault);
  if (host === null || !HOST.test(host) || !rules.servesHost(host)) return unsettled('unknown_host');
  if (cookie.kind === 'ambiguous') return unsettled('session_cookie');
  const body = framing(method, incoming.httpVersion, length, encoding, rules.requestBody);
  if (typeof body === 'object' && body !== null) return unsettled(body.fault);
  if (expect !== null && expect.toLowerCase() !== '100-continue') return unsettled('expectation');
  const connectionNames = listed(connection);
  if (connectionNames.some((name) => NOT_HOP_BY_HOP.test(name))) return unsettled('connection_header');

  const mark = target.indexOf('?');
  return {
    kind: 'settled',
    id,
    method,
    target,
    path: settlePath(mark === -1 ? target : target.slice(0, mark), rules.accepted),
    query: mark === -1 ? '' : target.slice(mark),
    host,
    rawHeaders,
    names,
    connectionNames,
    cookie,
    body,
    upgrade: upgrade && connectionNames.includes('upgrade'),
  };
}

const NONE: readonly string[] = [];

function listed(connection: string): readonly string[] {
  // What nearly every request says, answered without splitting.
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return NONE;
  return connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** RFC 9112 section 6, read as strictly as a proxy must: one framing, in one spelling. */
function framing(
  method: string,
  version: string,
  length: string | null,
  encoding: string | null,
  limit: number,
): number | 'chunked' | null | { readonly fault: RequestFault } {
  if (encoding !== null) {
    const single = encoding === 'chunked' && length === null && version === '1.1';
    if (!single) return { fault: 'framing' };
    return BODILESS.has(method) ? { fault: 'body_not_expected' } : 'chunked';
  }
  if (length === null) return null;
  if (!LENGTH.test(length)) return { fault: 'framing' };
  const bytes = Number(length);
  if (bytes > 0 && BODILESS.has(method)) return { fault: 'body_not_expected' };
  if (bytes > limit) return { fault: 'body_too_large' };
  return bytes === 0 ? null : bytes;
}

/** Every line of a header by its lower-case name, joined as RFC 9110 section 5.3 joins them; null where there is none. */
export function headerLines(request: Settled, name: string): string | null {
  const values = request.rawHeaders.filter((_, index) => index % 2 === 1 && request.names[index] === name);
  return values.length === 0 ? null : values.join(', ');
}

/** Value of a header by its lower-case name; the first where there are several. */
export function headerOf(request: Settled, name: string): string | null {
  const index = request.names.indexOf(name);
  return index === -1 ? null : (request.rawHeaders[index + 1] ?? null);
}
