/** A live session as its next request is decided on: whether its actor still may, and as whom, is what app and policy say now. */
import type { Policy } from '../../policy/index.ts';
import type { Identity } from '../identity/index.ts';
import type { ActAsSession, SessionEnd } from '../sessions/index.ts';

/**
 * The session with its actor's roles and claims of this moment, or why it is over. Names stay those it began with; it may
 * come to look only, but never to more than it began with.
 * @param identity who the actor's own credential says they are now; null when it says nobody.
 * @param subject what the directory says of the subject now; null when the actor cannot find them there any more.
 */
export function stillPermitted(
  identity: Identity | null,
  subject: Identity | null,
  session: ActAsSession,
  policy: Policy,
): ActAsSession | Extract<SessionEnd, 'actor_signed_out' | 'actor_inactive' | 'actor_not_permitted'> {
  if (identity === null || identity.id !== session.actor.id) return 'actor_signed_out';
  // Their own standing first: who is no longer let in finds nobody in the directory either.
  if (!identity.active || identity.blocked === true) return 'actor_inactive';
  const permission = subject === null ? null : policy.mayActFor(identity, subject);
  if (permission?.allowed !== true) return 'actor_not_permitted';
  const { roles, claims } = identity;
  const looksOnly = session.mode === 'view' || permission.mode === 'view';
  return { ...session, actor: { ...session.actor, roles, claims }, mode: looksOnly ? 'view' : 'full' };
}
