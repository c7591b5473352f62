/** A session as Redis keeps it: its facts sealed, its idle expiry beside them, and neither believed without a look. */
import { z } from 'zod';
import type { Person } from '../../../policy/index.ts';
import type { ActAsSession } from '../session.ts';
import type { Seal } from './seal.ts';

/** The compiler refuses a fact that a session has and this does not. */
const person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  market: z.string().nullable(),
  active: z.boolean(),
  blocked: z.literal(true).exactOptional(),
  assignedTo: z.string().nullable(),
  claims: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<Person>;

const facts = z.object({
  id: z.string(),
  tokenHash: z.string(),
  actor: person,
  subject: person,
  market: z.object({ id: z.string(), name: z.string() }).nullable(),
  mode: z.enum(['full', 'view']),
  reason: z.string().nullable(),
  pause: z.enum(['at_start', 'on_lock']),
  locked: z.boolean(),
  cartIds: z.array(z.string()),
  startedAt: z.number(),
  absoluteExpiresAt: z.number(),
  idleTimeoutMs: z.number(),
  returnTo: z.string(),
  ipAddress: z.string(),
  userAgent: z.string().nullable(),
}) satisfies z.ZodType<Omit<ActAsSession, 'idleExpiresAt'>>;

export type SealedSessions = {
  close(session: ActAsSession): string;
  /** Null for what we did not seal for this id. No idle expiry lies past the absolute one. */
  open(id: string, sealed: string, idleExpiresAt: number): ActAsSession | null;
};

/** What sealed facts belong to. */
const bound = (id: string): string => `session ${id}`;

export function createSealedSessions(seal: Seal): SealedSessions {
  return {
    close: ({ idleExpiresAt: _moves, ...session }) => seal.close(JSON.stringify(session), bound(session.id)),
    open(id, sealed, idleExpiresAt) {
      const text = seal.open(sealed, bound(id));
      if (text === null) return null;
      const parsed = facts.safeParse(JSON.parse(text));
      if (!parsed.success || parsed.data.id !== id) return null;
      const { absoluteExpiresAt } = parsed.data;
      return { ...parsed.data, idleExpiresAt: Math.min(idleExpiresAt, absoluteExpiresAt) };
    },
  };
}
