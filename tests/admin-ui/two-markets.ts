/** What happened in two markets over a few days of April 2026, written into a desk's record. */
import { HILL, PEOPLE, VALLEY, type AuditDesk } from './audit-desk.ts';
import type { NewAuditEvent } from '../../audit-store/index.ts';

const NOT_HTTP = { statusCode: null, method: null, path: null } as const;

export async function recordTwoMarkets({ record }: Pick<AuditDesk, 'record'>): Promise<void> {
  const sue = { id: '6', name: 'Sue Lindqvist', email: 'sue@valley.example' };
  const sara = { id: '4', name: 'Sara Ng', email: 'sara@valley.example' };
  const a = { sessionId: 'session-a', actor: PEOPLE.mia, subject: PEOPLE.sam, market: VALLEY };
  const b = { sessionId: 'session-b', actor: PEOPLE.max, subject: PEOPLE.hal, market: HILL };
  const c = { sessionId: 'session-c', actor: sara, subject: sue, market: VALLEY };
  const story: readonly (readonly [string, Partial<NewAuditEvent>])[] = [
    [
      '2026-04-17T14:00:00Z',
      { ...a, ...NOT_HTTP, event: 'start', action: 'start_acting', reason: 'Phone order, Tuesday pickup' },
    ],
    [
      '2026-04-17T14:04:31Z',
      {
        ...a,
        statusCode: 201,
        method: 'POST',
        path: '/api/orders',
        action: 'place_order',
        rule: 'place-order',
        requestId: 'r-17',
        details: { order_id: '17', subtotal: 2450, total: 2622 },
      },
    ],
    [
      '2026-04-17T14:06:02Z',
      {
        ...a,
        event: 'blocked',
        outcome: 'blocked',
        statusCode: 403,
        method: 'PUT',
        path: '/api/password',
        action: 'change_password_blocked',
        rule: 'change-password',
      },
    ],
    [
      '2026-04-17T14:07:40Z',
      {
        ...a,
        statusCode: 500,
        outcome: 'error',
        path: '/api/pickup-location',
        action: 'update_pickup_location',
        details: { note: 'the outcome is unknown' },
      },
    ],
    ['2026-04-17T14:09:12Z', { ...a, ...NOT_HTTP, event: 'stop', action: 'stop_acting' }],
    // 21:30 on the 17th in Los Angeles, half past midnight on the 18th in New York.
    [
      '2026-04-18T04:30:00Z',
      { ...b, ...NOT_HTTP, event: 'start', action: 'start_acting', reason: 'Reproducing failed checkout' },
    ],
    [
      '2026-04-18T04:41:10Z',
      {
        ...b,
        event: 'blocked',
        outcome: 'blocked',
        statusCode: 403,
        method: 'POST',
        path: '/api/balance/funds',
        action: 'add_funds_blocked',
      },
    ],
    ['2026-04-18T05:11:10Z', { ...b, ...NOT_HTTP, event: 'expired', action: 'idle_timeout' }],
    ['2026-04-19T15:00:00Z', { ...c, ...NOT_HTTP, event: 'start', action: 'start_acting' }],
    ['2026-04-19T15:02:00Z', { ...c, action: 'update_profile' }],
    ['2026-04-19T15:05:00Z', { ...c, ...NOT_HTTP, event: 'stop', action: 'sign_out' }],
  ];
  for (const [at, event] of story) await record(at, event);
}
