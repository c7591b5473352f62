/** What the scripts answer, parsed: whatever else stands in Redis is nobody's session. */
import { z } from 'zod';
import type { ActAsSession, SessionEnd } from '../session.ts';
import { SessionsUnavailableError, type EndedSession } from '../session-store.ts';
import type { SealedSessions } from './sealed-sessions.ts';

export const time = z.coerce.number().int().nonnegative();

export const sessionEnd = z.enum([
  'stopped',
  'signed_out',
  'stopped_by_reviewer',
  'taken_over',
  'idle_timeout',
  'absolute_timeout',
  'actor_signed_out',
  'actor_inactive',
  'actor_not_permitted',
  'moved',
  'wrong_seat',
  'lost',
]) satisfies z.ZodType<SessionEnd>;

const none = z.tuple([z.literal('none')]);
const live = z.tuple([z.literal('live'), z.string(), z.string(), time]);
/** `ended`: its end is claimed. `expired`: it is past its time, and nobody has claimed that yet. */
const over = z.tuple([z.enum(['ended', 'expired']), z.string(), z.string(), time, sessionEnd, time]);

export const replies = {
  start: z.union([
    z.tuple([z.literal('started')], over),
    z.tuple([z.literal('taken'), z.enum(['actor', 'subject']), z.string(), z.string(), time]),
    z.tuple([z.literal('twice')]),
    z.tuple([z.literal('skew'), z.coerce.number()]),
  ]),
  find: z.union([none, live, over]),
  commit: z.union([none, z.tuple([z.literal('live'), z.string(), z.string(), time, time, z.string()])]),
  end: z.union([none, over]),
  lose: z.union([none, over]),
  replace: z.union([
    none,
    z.tuple([z.literal('changed'), z.string(), time]),
    z.tuple([z.literal('kept'), time]),
  ]),
  sweep: z.array(over),
  live: z.tuple([time, z.array(z.string())]),
  facts: z.array(z.tuple([z.string(), z.string(), time])),
  beat: z.tuple([time, time]),
  loadJar: z.union([none, z.tuple([z.literal('jar'), time, z.string()])]),
  saveJar: z.union([none, z.tuple([z.literal('changed')]), z.tuple([z.literal('kept'), time])]),
} as const;

export type Over = z.output<typeof over>;

/** @throws SessionsUnavailableError for an answer that none of our scripts gives. */
export function parseReply<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new SessionsUnavailableError('Redis answered something else', { cause: parsed.error });
  return parsed.data;
}

/** @throws SessionsUnavailableError for a session that was not sealed with a key of ours. */
export function openSession(sealed: SealedSessions, id: string, facts: string, idle: number): ActAsSession {
  const session = sealed.open(id, facts, idle);
  if (session === null) throw new SessionsUnavailableError('a session in Redis was not sealed by us');
  return session;
}

export function openEnded(sealed: SealedSessions, [, id, facts, idle, why, at]: Over): EndedSession {
  return { session: openSession(sealed, id, facts, idle), why, endedAt: at };
}
