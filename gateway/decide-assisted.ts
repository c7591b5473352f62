/** Stage 3, assisted: asks whether a shopper's own request is paused, as it was sent and as some app would read it. */
import type { IncomingMessage } from 'node:http';
import { parseBody, type Decision, type ParsedBody, type Policy } from '../policy/index.ts';
import { type Ambiguous, type Asked, askPolicy, type Decided } from './decide.ts';
import { readWithin } from './hold-body.ts';
import type { Parts } from './parts.ts';
import { unsettled } from './refusal.ts';
import { bodyOverride } from './settle/body-override.ts';
import { mentionsOverride } from './settle/mentions-override.ts';
import { headerWishes } from './settle/method-override.ts';
import { headerOf, type Settled } from './settle/settle.ts';

/** What an app may take a POST for that wishes for it. Nobody takes these wishes out: the request is the shopper's own. */
const MEANT = ['PUT', 'PATCH', 'DELETE'] as const;
/** No form that wishes for another method is longer. */
const FORM_BYTES = 1024 * 1024;

/** Asks about nobody, and before anything of a body was read. */
export function couldBePaused(request: Settled, policy: Policy): boolean {
  return policy.pausesAnything(request.method, request.path) || pausedIfMeant(request, policy).length > 0;
}

/** Carts that the request names by ids of their own, by whatever method an app would take it for. */
export function cartsNamed({ method, path }: Settled, policy: Policy): readonly string[] {
  const methods = method === 'POST' ? [method, ...MEANT] : [method];
  return [...new Set(methods.flatMap((one) => policy.cartsIn(one, path)))];
}

function pausedIfMeant({ method, path }: Settled, policy: Policy): readonly string[] {
  return method === 'POST' ? MEANT.filter((meant) => policy.pausesAnything(meant, path)) : [];
}

/** A body that no rule can read counts as one that is meant to be paused. */
export async function decideAssisted(
  { request, session }: Asked,
  incoming: IncomingMessage,
  parts: Parts,
): Promise<Decided | Ambiguous> {
  const policy = parts.policy();
  const looked = policy.readsBody('assisted', request.method, request.path);
  const meant = pausedIfMeant(request, policy);
  const limit = looked ?? (meant.length > 0 ? FORM_BYTES : null);
  let body: ParsedBody | null = looked === null ? null : { kind: 'none' };
  let held: Buffer | null = null;
  if (limit !== null && request.body !== null) {
    const read = await readWithin(request, limit, incoming, parts);
    if (read.ok) held = read.bytes;
    body =
      held === null
        ? { kind: 'unreadable', fault: 'body_too_large' }
        : await parseBody(headerOf(request, 'content-type'), held);
  }
  const { query, target } = request;
  const ask = (method: string): Decision =>
    askPolicy(policy, 'assisted', { request, session }, method, query, body);
  let decision = ask(request.method);
  if (decision.effect !== 'pause' && meant.length > 0 && wishesForAnother(request, held))
    decision = meant.map(ask).find(({ effect }) => effect === 'pause') ?? decision;
  parts.metrics.decided(decision.effect);
  // Read in part, it can go on no more; that it is not paused either is rare enough to be refused.
  if (body?.kind === 'unreadable' && held === null && decision.effect !== 'pause') {
    const tooLarge = unsettled('body_too_large');
    return { kind: 'ambiguous', request, session, refusal: tooLarge, recordedPath: null };
  }
  return { kind: 'decided', side: 'assisted', request, session, decision, target, held };
}

/** Loosely: a wish too many pauses a request, one too few would let two people write. */
function wishesForAnother(request: Settled, held: Buffer | null): boolean {
  return (
    headerWishes(request).length > 0 ||
    mentionsOverride(request.query) ||
    (held !== null && bodyOverride(headerOf(request, 'content-type'), held).kind !== 'none')
  );
}
