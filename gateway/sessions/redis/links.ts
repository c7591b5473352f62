/** Act-as links in Redis, sealed there as sessions are: of two clicks at two instances one gets the claim. */
import { z } from 'zod';
import { linkFault, type ActAsLink } from '../../links/link.ts';
import type { LinkStore } from '../../links/link-store.ts';
import { SessionsUnavailableError } from '../session-store.ts';
import { parseReply } from './replies.ts';
import type { StoreParts } from './store-parts.ts';

const MOST_OPEN = 10_000;

const person = z.object({ id: z.string(), name: z.string(), email: z.string() });
const facts = z.object({
  id: z.string(),
  secretHash: z.string(),
  actorId: z.string(),
  subject: person,
  market: z.object({ id: z.string(), name: z.string() }).nullable(),
  reason: z.string().nullable(),
  createdBy: person,
  createdAt: z.number(),
  expiresAt: z.number(),
}) satisfies z.ZodType<Omit<ActAsLink, 'state'>>;

const none = z.tuple([z.literal('none')]);
const kept = z.tuple([z.literal('kept')]);
const link = z.tuple([
  z.literal('link'),
  z.string(),
  z.string(),
  z.enum(['open', 'claimed', 'used', 'revoked']),
]);

/** What a sealed link belongs to. */
const bound = (id: string): string => `link ${id}`;

export function createRedisLinks({ run, seal }: Pick<StoreParts, 'run' | 'seal'>): LinkStore {
  function opened([, id, sealed, state]: z.output<typeof link>): ActAsLink {
    const text = seal.open(sealed, bound(id));
    const parsed = text === null ? null : facts.safeParse(JSON.parse(text));
    if (parsed?.success !== true || parsed.data.id !== id)
      throw new SessionsUnavailableError('a link in Redis was not sealed by us');
    return { ...parsed.data, state };
  }

  async function one(args: readonly string[], now?: number): Promise<ActAsLink | null> {
    const answer = await run('link', args, now === undefined ? {} : { now });
    const reply = parseReply(z.union([none, link]), answer);
    return reply[0] === 'none' ? null : opened(reply);
  }

  return {
    async add({ state: _open, ...made }) {
      const sealed = seal.close(JSON.stringify(made), bound(made.id));
      const args = ['add', made.id, made.secretHash, sealed, String(made.expiresAt), String(MOST_OPEN)];
      return parseReply(z.union([none, kept]), await run('link', args))[0] === 'kept';
    },
    async find(secretHash) {
      const found = await one(['find', secretHash]);
      // Whoever writes in Redis must not be able to lead one secret to another's link.
      return found?.secretHash === secretHash ? found : null;
    },
    get: (id) => one(['get', id]),
    claim: (id, now) => one(['claim', id], now),
    async settle(id, state) {
      return parseReply(z.union([none, kept]), await run('link', ['settle', id, state]))[0] === 'kept';
    },
    revoke: (id, now) => one(['revoke', id], now),
    async list(now) {
      const all = parseReply(z.array(link), await run('link', ['list', ''])).map(opened);
      return all
        .filter((open) => linkFault(open, now) === null)
        .toSorted((a, b) => a.createdAt - b.createdAt);
    },
  };
}
