/** Settles a request written as lines of text, through Node's own parser. */
import { createServer, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import type { RequestFault } from '../../../gateway/refusal.ts';
import { acceptedFaults } from '../../../gateway/settle/relaxations.ts';
import { sessionCookieReader } from '../../../gateway/settle/session-cookie.ts';
import { settle, type Settled, type SettleRules, type Unsettled } from '../../../gateway/settle/settle.ts';
import { settlingSchema, type Settling } from '../../../gateway/settle/settling-schema.ts';
import { settleStrictly, type Strict } from '../../../gateway/settle/strict.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export type Outcome =
  { readonly fault: RequestFault } | { readonly settled: Settled; readonly strict: Strict & { ok: true } };

/** As an acting request. @param lines request line without version, then header lines; Host is added where it is missing. */
export async function settleLines(
  lines: readonly string[],
  written: Partial<Settling> = {},
): Promise<Outcome> {
  const settling = settlingSchema.parse(written);
  const request = await settleOnly(lines, settling);
  if (request.kind === 'unsettled') return { fault: request.fault };
  const strict = settleStrictly(request, { override: settling.method_override, methods: METHODS });
  return strict.ok ? { settled: request, strict } : { fault: strict.fault };
}

/** As any request. */
export async function settleOnly(
  lines: readonly string[],
  settling: Settling = settlingSchema.parse({}),
): Promise<Settled | Unsettled> {
  const rules: SettleRules = {
    methods: METHODS,
    targetBytes: 8192,
    headerLines: 100,
    requestBody: 100 * 1024 ** 2,
    servesHost: (host) => host === 'localhost',
    sessionCookie: sessionCookieReader('act_as'),
    accepted: acceptedFaults(settling),
  };
  return settle(await parsed(lines), rules, 'id');
}

/** @throws where Node's parser refuses the lines */
function parsed([line = '', ...headers]: readonly string[]): Promise<IncomingMessage> {
  const [client, ours] = duplexPair();
  const version = headers.find((header) => header.startsWith('version: '))?.slice(9) ?? 'HTTP/1.1';
  const real = headers.filter((header) => !header.startsWith('version: '));
  const host = real.some((header) => /^host:/i.test(header)) ? [] : ['Host: localhost'];
  const server = createServer({ requireHostHeader: false, shouldUpgradeCallback: () => false });
  server.maxHeadersCount = 1000;
  return new Promise((resolve, reject) => {
    server
      .on('request', resolve)
      .on('checkContinue', resolve)
      .on('checkExpectation', resolve)
      .on('clientError', reject);
    server.emit('connection', ours);
    client.write(`${[`${line} ${version}`, ...host, ...real].join('\r\n')}\r\n\r\n`, 'latin1');
  });
}
