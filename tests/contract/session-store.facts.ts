/** Facts from which tests start act-as sessions. */
import { createHash } from 'node:crypto';
import type { Person } from '../../policy/index.ts';
import type { NewSession } from '../../gateway/sessions/index.ts';

export const minute = 60_000;
export const hour = 60 * minute;

export function person(id: string): Person {
  return {
    id,
    name: id,
    email: `${id}@valley.example`,
    roles: ['shopper'],
    market: 'valley',
    active: true,
    assignedTo: null,
    claims: {},
  };
}

export function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** The token's hash is that of the id, unless said otherwise. */
export function facts(overrides: Partial<NewSession> & { readonly id: string }): NewSession {
  return {
    tokenHash: hashOf(overrides.id),
    actor: person('mia'),
    subject: person('sam'),
    market: { id: 'valley', name: 'Valley Market' },
    mode: 'full',
    reason: null,
    idleTimeoutMs: 30 * minute,
    absoluteTimeoutMs: 2 * hour,
    returnTo: '/users/list',
    ipAddress: '127.0.0.1',
    userAgent: null,
    ...overrides,
  };
}
