/** A record of any length, written by the store itself, with a clock that runs through three years meanwhile. */
import type { NewAuditEvent } from '../../audit-store/index.ts';
import type { Place } from './places.ts';

const EVENTS_PER_SESSION = 8;
const MARKETS = 20;
/** Beyond them stand those who left early: their rows are all far in the past. */
const MANAGERS = 300;
const FORMER_MANAGERS = 100;
const SHOPPERS = 45_000;
const FORMER_SHOPPERS = 5_000;
/** The share of the record in which they were still there. */
const EARLY = 0.05;
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
    await Promise.all(
      Array.from({ length: count }, (_, index) => store.append(eventOf(first + index, rows))),
    );
  }
  await store.close();
}

function eventOf(index: number, rows: number): NewAuditEvent {
  const session = Math.floor(index / EVENTS_PER_SESSION);
  const place = index % EVENTS_PER_SESSION;
  const early = index < rows * EARLY;
  const manager = (session * 7919) % (early ? MANAGERS + FORMER_MANAGERS : MANAGERS);
  const shopper = (session * 104_729) % (early ? SHOPPERS + FORMER_SHOPPERS : SHOPPERS);
  const market = isInTinyMarket(index) ? 'tiny' : manager % MARKETS;
  const event = eventAt(place, session);
  return {
    event,
    outcome: outcomeOf(event, index),
    sessionId: `${session.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    actor: isOfRareManager(index, rows) ? person('rarely', 0) : person('manager', manager),
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

function eventAt(place: number, session: number): NewAuditEvent['event'] {
  if (place === 0) return 'start';
  if (place === EVENTS_PER_SESSION - 1) return session % 5 === 0 ? 'expired' : 'stop';
  return place === 3 && session % 5 === 1 ? 'blocked' : 'action';
}

/** An end that fails is seldom: there are twenty, at the very beginning. */
function outcomeOf(event: NewAuditEvent['event'], index: number): NewAuditEvent['outcome'] {
  if (event === 'blocked') return 'blocked';
  const fails = event === 'stop' || event === 'expired' ? index < 160 : index % 97 === 0;
  return fails ? 'error' : 'ok';
}

/** Three rows of the whole record. */
function isOfRareManager(index: number, rows: number): boolean {
  return [0.02, 0.3, 0.31].some((share) => index === Math.floor(rows * share));
}

/** Forty rows, at the very beginning. */
function isInTinyMarket(index: number): boolean {
  return index < 4_000 && index % 100 === 7;
}

function person(kind: 'manager' | 'rarely' | 'shopper', number: number): NewAuditEvent['actor'] {
  const isFormer = kind === 'shopper' ? number >= SHOPPERS : number >= MANAGERS;
  const market = isFormer ? 'former' : number % 3 === 0 ? 'hill' : 'valley';
  return {
    id: `${kind}-${number}`,
    name: `${kind} Number${number}`,
    email: `${kind}${number}@${market}.example`,
  };
}
