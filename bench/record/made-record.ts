/** A record of any length, written by the store itself, with a clock that runs through three years meanwhile. */
import type { NewAuditEvent } from '../../audit-store/index.ts';
import type { Place } from './places.ts';

const EVENTS_PER_SESSION = 8;
const MARKETS = 20;
const MANAGERS = 400;
const SHOPPERS = 50_000;
export const FIRST_AT = Date.UTC(2024, 0, 1);
export const LAST_AT = Date.UTC(2027, 0, 1);
/** Few enough that the store refuses none, many enough for large groups. */
const WAITING = 4_000;

/** @param place where there is no record yet; it is complete and closed when this resolves */
export async function makeRecord(place: Place, rows: number): Promise<void> {
  let now = FIRST_AT;
  const store = await place.open({ now: () => now });
  const step = (LAST_AT - FIRST_AT) / rows;
  for (let first = 0; first < rows; first += WAITING) {
    const count = Math.min(WAITING, rows - first);
    now = FIRST_AT + Math.floor(first * step);
    await Promise.all(Array.from({ length: count }, (_, index) => store.append(eventOf(first + index))));
  }
  await store.close();
}

function eventOf(index: number): NewAuditEvent {
  const session = Math.floor(index / EVENTS_PER_SESSION);
  const place = index % EVENTS_PER_SESSION;
  const manager = (session * 7919) % MANAGERS;
  const shopper = (session * 104_729) % SHOPPERS;
  const market = manager % MARKETS;
  const event = eventAt(place, index, session);
  return {
    event,
    outcome: event === 'blocked' ? 'blocked' : index % 97 === 0 ? 'error' : 'ok',
    sessionId: `${session.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    actor: person('manager', manager),
    subject: person('shopper', shopper),
    market: { id: `m-${market}`, name: `Market ${market}` },
    statusCode: event === 'expired' ? null : 201,
    method: event === 'expired' ? null : 'POST',
    path: event === 'expired' ? null : '/api/orders',
    action: event === 'action' ? 'place_order' : event,
    reason: event === 'start' ? 'phone order, Tuesday pickup' : null,
    ipAddress: `192.0.2.${manager % 250}`,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
    requestId: `request-${index}`,
    rule: event === 'action' ? 'place-order' : null,
    details: event === 'action' ? { order_id: String(index) } : {},
  };
}

function eventAt(place: number, index: number, session: number): NewAuditEvent['event'] {
  if (place === 0) return 'start';
  if (place === EVENTS_PER_SESSION - 1) return session % 5 === 0 ? 'expired' : 'stop';
  return index % 40 === 0 ? 'blocked' : 'action';
}

function person(kind: string, number: number): NewAuditEvent['actor'] {
  const market = number % 3 === 0 ? 'hill' : 'valley';
  return {
    id: `${kind}-${number}`,
    name: `${kind} Number${number}`,
    email: `${kind}${number}@${market}.example`,
  };
}
