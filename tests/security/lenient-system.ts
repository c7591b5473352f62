/** The gateway in front of the lenient upstream, with Mia (a manager) in Sam's seat and the record within reach. */
import { startSystem, type System, type SystemOptions } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { startLenientUpstream, type LenientUpstream } from './lenient-upstream.ts';
import { z } from 'zod';
import { jsonOf } from './json-of.ts';

const text = z.string().nullable();
const eventShape = z.looseObject({
  event: z.string(),
  outcome: z.string(),
  status_code: z.number().nullable(),
  method: text,
  path: text,
  action: text,
  reason: text,
  request_id: text,
  session_id: z.string(),
  manager_name: z.string(),
  customer_name: z.string(),
  details: z.record(z.string(), z.unknown()),
});
const pageShape = z.object({ events: z.array(eventShape), next: z.number().nullable() });

export type EventRow = z.infer<typeof eventShape>;

export type LenientSystem = {
  readonly system: System;
  readonly upstream: LenientUpstream;
  /** Cookie jar of a person who is signed in, by id. */
  readonly person: (id: string) => Visitor;
  /** What this person's browser sends as Cookie. */
  readonly cookies: (who: Visitor) => string;
  /** The record, oldest first, as Root, a superuser, reads it. */
  readonly events: () => Promise<readonly EventRow[]>;
  close(): Promise<void>;
};

export async function startLenientSystem(options: SystemOptions = {}): Promise<LenientSystem> {
  const upstream = await startLenientUpstream();
  const system = await startSystem({ ...options, upstreamUrl: upstream.url });
  const person = (id: string): Visitor => {
    const browser = visitor(system.url);
    browser.cookies.set('market_session', id);
    return browser;
  };
  return {
    system,
    upstream,
    person,
    cookies: cookiesOf,
    events: () => eventsSeenBy(person('u-root')),
    async close() {
      await system.close();
      await upstream.close();
    },
  };
}

export function cookiesOf(who: Visitor): string {
  return [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** The whole record as a reviewer reads it, oldest first. */
export async function eventsSeenBy(reviewer: Visitor): Promise<readonly EventRow[]> {
  const rows: EventRow[] = [];
  for (let cursor: number | null = null; ;) {
    const page: string = cursor === null ? '' : `&cursor=${cursor}`;
    const response = await reviewer.get(`/admin/impersonation-audit/events.json?limit=200${page}`);
    if (response.status !== 200)
      throw new Error(`the record could not be read: ${response.status} ${await response.text()}`);
    const { events, next } = await jsonOf(response, pageShape);
    rows.push(...events);
    if (next === null) return rows.toReversed();
    cursor = next;
  }
}
