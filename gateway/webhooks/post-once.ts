/** Posts one delivery once: to no private address unless allowed, following no redirect, reading no answer, in bounded time. */
import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { isPrivateAddress } from './private-address.ts';
import type { WebhookConfig } from './webhooks-schema.ts';

export type Posted =
  | { readonly ok: true }
  | { readonly ok: false; /** Quotes neither address nor answer. */ readonly why: string };

export type Poster = {
  post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Posted>;
  close(): Promise<void>;
};

class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

export function createPoster({ url, timeout, ...config }: WebhookConfig): Poster {
  const allowed = config.allow_private;
  const { origin, pathname, search, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  const refused = !allowed && isIP(literal) !== 0 && isPrivateAddress(literal);
  // Looked at when the connection is made, so that a name cannot mean one address here and another there.
  const agent = new Agent({
    connections: 1,
    connect: { timeout, ...(allowed ? {} : { lookup: publicOnly }) },
  });

  return {
    async post(body, headers, stop) {
      if (refused) return { ok: false, why: 'its address is private' };
      const late = AbortSignal.timeout(timeout);
      try {
        const answer = await agent.request({
          origin,
          path: pathname + search,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'understudy-webhooks', ...headers },
          body,
          signal: AbortSignal.any([late, stop]),
        });
        // What it says besides is of no interest, and may have no end.
        answer.body.on('error', () => undefined).destroy();
        const { statusCode } = answer;
        return statusCode >= 200 && statusCode < 300
          ? { ok: true }
          : { ok: false, why: `it answered ${statusCode}` };
      } catch (error) {
        if (late.aborted) return { ok: false, why: 'it did not answer in time' };
        return { ok: false, why: isPrivate(error) ? 'its address is private' : 'it was not reached' };
      }
    },
    close: () => agent.destroy(),
  };
}

const publicOnly: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return done(new PrivateAddressError('a private address'), []);
    const [first] = addresses;
    if (options.all === true || first === undefined) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};

function isPrivate(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isPrivate);
  return error instanceof PrivateAddressError;
}
