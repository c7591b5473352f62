/** Whether the actor of a live session is still who they were and still may act for its subject. */
import type { Policy } from '../../policy/index.ts';
import type { Identity } from '../identity/index.ts';
import type { ActAsSession, SessionEnd } from '../sessions/index.ts';

/**
 * @param identity who the actor's own credential says they are now; null when it says nobody.
 * @param subject what the directory says of the subject now; null when the actor cannot find them there any more.
 */
export function stillPermitted(
  identity: Identity | null,
  subject: Identity | null,
  session: ActAsSession,
  policy: Policy,
): Extract<SessionEnd, 'actor_signed_out' | 'actor_inactive' | 'actor_not_permitted'> | null {
  if (identity === null || identity.id !== session.actor.id) return 'actor_signed_out';
  // Their own standing first: who is no longer let in finds nobody in the directory either.
  if (!identity.active || identity.blocked === true) return 'actor_inactive';
  return subject !== null && policy.mayActFor(identity, subject).allowed ? null : 'actor_not_permitted';
}
