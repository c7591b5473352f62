/** A session as a gateway begins it, each with people of its own. */
import { createHash } from 'node:crypto';
import type { ActAsSession } from '../../gateway/index.ts';

const MINUTE = 60_000;

export const tokenHashOf = (index: number): string =>
  createHash('sha256').update(`token ${index}`).digest('hex');

export function madeSession(index: number, now: number): ActAsSession {
  return {
    id: `01a9${String(index).padStart(8, '0')}-8a6c-7b1e-9c55-0123456789ab`,
    tokenHash: tokenHashOf(index),
    actor: person('market_manager', `u-manager-${index}`),
    subject: person('shopper', `u-shopper-${index}`),
    market: { id: 'valley', name: 'Valley Market' },
    mode: 'full',
    pause: 'at_start',
    locked: true,
    reason: 'They asked for help with an order on the telephone.',
    cartIds: [],
    startedAt: now,
    idleExpiresAt: now + 30 * MINUTE,
    idleTimeoutMs: 30 * MINUTE,
    absoluteExpiresAt: now + 120 * MINUTE,
    returnTo: '/users/list?page=3',
    ipAddress: '192.0.2.17',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  };
}

function person(role: string, id: string): ActAsSession['actor'] {
  return {
    id,
    name: `Somebody Number ${id}`,
    email: `${id}@valley.example`,
    roles: [role],
    market: 'valley',
    active: true,
    assignedTo: null,
    claims: {},
  };
}
