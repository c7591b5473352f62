/** Orders that somebody placed while acting, as the record has them: what was captured, for whom, and in which session. */
import type { AuditEvent, AuditStore } from '../../audit-store/index.ts';
import type { Person, Policy } from '../../policy/index.ts';

export type PlacedOrder = {
  readonly id: string;
  readonly customer: string;
  readonly market: string | null;
  /** Captured amounts by name, in cents. */
  readonly amounts: readonly (readonly [name: string, cents: number])[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sessionId: string;
};

const PAGE = 200;
/** Who places many orders sees the newest; the app itself has the rest. */
const MOST_PAGES = 10;

/** Newest first. Rejects with AuditUnavailableError. */
export async function placedOrders(
  person: Person,
  most: number,
  policy: Policy,
  store: Pick<AuditStore, 'events'>,
): Promise<readonly PlacedOrder[]> {
  const rules = new Map(policy.rules.filter((rule) => rule.placesOrder).map((rule) => [rule.id, rule]));
  if (rules.size === 0) return [];
  const orders: PlacedOrder[] = [];
  const manager = person.email === '' ? person.name : person.email;
  let beforeSeq: number | undefined;
  for (let page = 0; page < MOST_PAGES && orders.length < most; page += 1) {
    const { events, next } = await store.events(
      { manager, event: 'action', outcome: 'ok' },
      { limit: PAGE, ...(beforeSeq === undefined ? {} : { beforeSeq }) },
    );
    for (const event of events) {
      const rule = event.rule === null ? undefined : rules.get(event.rule);
      if (rule !== undefined && event.actor.id === person.id) orders.push(orderOf(event, rule.money));
    }
    if (next === null) break;
    beforeSeq = next;
  }
  return orders.slice(0, most);
}

function orderOf(event: AuditEvent, money: readonly string[]): PlacedOrder {
  const amounts = money.flatMap((name) => {
    const cents = event.details[name];
    return typeof cents === 'number' ? [[name, cents] as const] : [];
  });
  return {
    id: String(event.details['order_id'] ?? '?'),
    customer: event.subject.name,
    market: event.market?.id ?? null,
    amounts,
    at: event.createdAt,
    sessionId: event.sessionId,
  };
}
