/** Whether the actor of a live session is still who they were and still may act for its subject. */
import type { Policy } from '../../policy/index.ts';
import type { Identity } from '../identity/index.ts';
import type { ActAsSession, SessionEnd } from '../sessions/index.ts';

/** @param identity who the actor's own credential says they are now; null when it says nobody. */
export function stillPermitted(
  identity: Identity | null,
  session: ActAsSession,
  policy: Policy,
): Extract<SessionEnd, 'actor_signed_out' | 'actor_not_permitted'> | null {
  if (identity === null || identity.id !== session.actor.id) return 'actor_signed_out';
  return policy.mayActFor(identity, session.subject).allowed ? null : 'actor_not_permitted';
}
