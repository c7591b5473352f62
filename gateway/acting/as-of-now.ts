/** A live session as its next request is decided on: what its actor may do is what the app and the policy say now. */
import type { Policy } from '../../policy/index.ts';
import type { Identity } from '../identity/index.ts';
import type { ActAsSession } from '../sessions/index.ts';

/**
 * Names stay those the session began with; roles and claims are those of this moment, and a session may come to look
 * only, but never to more than it began with.
 */
export function asOfNow(session: ActAsSession, actor: Identity, policy: Policy): ActAsSession {
  const { roles, claims } = actor;
  const permission = policy.mayActFor(actor, session.subject);
  const looksOnly = session.mode === 'view' || (permission.allowed && permission.mode === 'view');
  return { ...session, actor: { ...session.actor, roles, claims }, mode: looksOnly ? 'view' : 'full' };
}
