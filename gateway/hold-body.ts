/** Reads the body of an acting request whole and holds it, within its limit and the budget of all, and settles its method. */
import type { IncomingMessage } from 'node:http';
import type { Parts } from './parts.ts';
import type { RequestFault } from './refusal.ts';
import { readBody, type SettledBody } from './settle/body.ts';
import { settleBodyMethod, type OverrideRules } from './settle/method-override.ts';
import { headerOf, type Settled } from './settle/settle.ts';

export type HeldBody =
  /** `means`: the method that some app may read, in the body or elsewhere; null where it is the one that was sent. */
  | { readonly ok: true; readonly bytes: Buffer; readonly means: string | null }
  | { readonly ok: false; readonly fault: RequestFault };

/**
 * The caller gives the bytes back to the budget; after a fault there is nothing to give back.
 * @param means what headers and query wish for already
 */
export async function holdBody(
  request: Settled,
  means: string | null,
  limit: number,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<HeldBody> {
  const read = await readWithin(request, limit, incoming, parts);
  if (!read.ok) return read;
  const type = headerOf(request, 'content-type');
  const settled = settleBodyMethod(request, type, read.bytes, means, overrideRules(parts));
  parts.bodyBudget.held -= read.bytes.length - (settled.ok ? settled.bytes.length : 0);
  return settled.ok ? settled : { ok: false, fault: 'method_override' };
}

/** The same without a look at what it says, for requests that go on as they came. */
export async function readWithin(
  request: Settled,
  limit: number,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<SettledBody> {
  return typeof request.body === 'number' && request.body > limit
    ? { ok: false, fault: 'body_too_large' }
    : readBody(incoming, limit, parts.bodyBudget);
}

export function overrideRules({ config, settleRules }: Parts): OverrideRules {
  return { override: config.settling.method_override, methods: settleRules.methods };
}

export function releaseBody(bytes: Buffer | null, parts: Parts): void {
  parts.bodyBudget.held -= bytes?.length ?? 0;
}
