// Whatever filters meet, seldom or never, their pages are those that reading every event and testing it would give.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuditEvent,
  type AuditFilter,
  type AuditStore,
  type NewAuditEvent,
  openPostgresAuditStore,
  openSqliteAuditStore,
} from '../../audit-store/index.ts';
import { openPool, rows } from '../../audit-store/postgres/database.ts';
import { meetingsOf, metAtMost, type Searched } from '../../audit-store/postgres/people-who-met.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { testClock } from './record-folder.ts';
import { sampleEvent } from './sample.ts';

const DAY = 24 * 60 * 60 * 1000;
const FIRST = Date.UTC(2026, 0, 1);
/** More than are looked at before other ways are tried, and most people came later. */
const EVENTS = 6000;
const EARLY = 1500;

/** Those who left are many and all of their events old; one manager has three, one market a handful, one kind two. */
function eventOf(index: number): NewAuditEvent {
  const isEarly = index < EARLY;
  const manager = isEarly && index % 2 === 0 ? 400 + (index % 340) : index % 20;
  const shopper = isEarly && index % 3 === 0 ? 5000 + (index % 500) : index % 700;
  const market = index % 250 === 3 && isEarly ? 'tiny' : `m-${manager % 4}`;
  const event = index % 40 === 5 ? 'blocked' : 'action';
  const outcome = event === 'blocked' ? 'blocked' : index === 17 || index === 18 ? 'error' : 'ok';
  return sampleEvent({
    event,
    outcome,
    actor: [30, 31, 900].includes(index) ? person('rarely', 1) : person('manager', manager),
    subject: person('shopper', shopper),
    market: index % 11 === 0 ? null : { id: market, name: market },
    sessionId: `s${Math.floor(index / 10)}`,
  });
}

function person(kind: string, number: number): NewAuditEvent['actor'] {
  const place =
    number >= 400 && number < 1000 && kind === 'manager' ? 'former' : number >= 5000 ? 'gone' : 'valley';
  return { id: `${kind}-${number}`, name: `${kind} n${number}`, email: `${kind}${number}@${place}.example` };
}

async function everything(store: AuditStore): Promise<readonly AuditEvent[]> {
  const found: AuditEvent[] = [];
  for (let next: number | null = Number.MAX_SAFE_INTEGER; next !== null;) {
    const page = await store.events({}, { limit: 1000, beforeSeq: next });
    found.push(...page.events);
    next = page.next;
  }
  return found;
}

async function fill(store: AuditStore, clock: ReturnType<typeof testClock>): Promise<void> {
  for (let first = 0; first < EVENTS; first += 500) {
    clock.set(FIRST + (first / 500) * DAY);
    await Promise.all(Array.from({ length: 500 }, (_, index) => store.append(eventOf(first + index))));
  }
}

function matches(event: AuditEvent, filter: AuditFilter): boolean {
  const found = (text: string | undefined, { name, email }: AuditEvent['actor']): boolean =>
    text === undefined || name.includes(text) || email.includes(text);
  return (
    (filter.from === undefined || event.createdAt >= filter.from) &&
    (filter.before === undefined || event.createdAt < filter.before) &&
    (filter.event === undefined || event.event === filter.event) &&
    (filter.outcome === undefined || event.outcome === filter.outcome) &&
    (filter.market === undefined || event.market?.id === filter.market) &&
    (filter.sessionId === undefined || event.sessionId === filter.sessionId) &&
    found(filter.manager, event.actor) &&
    found(filter.customer, event.subject)
  );
}

const MANAGERS = [undefined, 'rarely1@', 'former', 'manager', 'shopper', 'nobody', 'manager7@'];
const CUSTOMERS = [undefined, 'gone', 'shopper', 'manager', 'shopper5021@', 'shopper7@'];
const REST: readonly AuditFilter[] = [
  {},
  { market: 'm-1' },
  { market: 'tiny' },
  { outcome: 'error' },
  { event: 'blocked', market: 'm-2' },
  { event: 'blocked', outcome: 'error' },
  { from: FIRST + DAY, before: FIRST + 2 * DAY },
  { before: FIRST + 3 * DAY, outcome: 'ok', event: 'action' },
  { from: FIRST + 9 * DAY, market: 'tiny' },
  { sessionId: 's2' },
];
const FILTERS = MANAGERS.flatMap((manager) =>
  CUSTOMERS.flatMap((customer) =>
    REST.map((rest): AuditFilter => ({
      ...rest,
      ...(manager && { manager }),
      ...(customer && { customer }),
    })),
  ),
);

describe.each(['SQLite', 'PostgreSQL'])('in %s', (database) => {
  let server: PostgresServer | null = null;
  let folder: string | null = null;
  let store: AuditStore;
  let all: readonly AuditEvent[];

  beforeAll(async () => {
    const clock = testClock(FIRST);
    if (database === 'SQLite') {
      folder = mkdtempSync(join(tmpdir(), 'seldom-'));
      store = await openSqliteAuditStore({ file: join(folder, 'audit.db'), clock });
    } else {
      server = await startPostgres();
      store = await openPostgresAuditStore({ url: await server.schema(), clock });
    }
    await fill(store, clock);
    all = await everything(store);
  }, 120_000);
  afterAll(async () => {
    await store.close();
    await server?.remove();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  });

  test('every combination gives exactly what matches, newest first, over as many pages as it takes', async () => {
    expect(all).toHaveLength(EVENTS);
    for (const filter of FILTERS) {
      const meant = all.filter((event) => matches(event, filter)).map(({ seq }) => seq);
      const first = await store.events(filter, { limit: 50 });
      expect(
        first.events.map(({ seq }) => seq),
        JSON.stringify(filter),
      ).toEqual(meant.slice(0, 50));
      expect(first.next, JSON.stringify(filter)).toBe(meant.length > 50 ? meant[49] : null);
      if (first.next === null) continue;
      const second = await store.events(filter, { limit: 50, beforeSeq: first.next });
      expect(
        second.events.map(({ seq }) => seq),
        JSON.stringify(filter),
      ).toEqual(meant.slice(50, 100));
    }
  }, 120_000);

  test('the lines of the CSV are those of the same page', async () => {
    for (const filter of [
      {},
      { manager: 'former' },
      { customer: 'gone', market: 'm-1' },
      { market: 'tiny' },
    ]) {
      const page = await store.events(filter, { limit: 300 });
      const csv = await store.csvLines(filter, { limit: 300 });
      const lines = Buffer.from(csv.lines).toString().trimEnd().split('\r\n');
      expect(csv).toMatchObject({ rows: page.events.length, next: page.next });
      expect(lines.map((line) => line.split(',').slice(0, 8))).toEqual(
        page.events.map(({ createdAt, event, outcome, statusCode, actor, subject }) =>
          [
            new Date(createdAt).toISOString(),
            event,
            outcome,
            statusCode,
            actor.name,
            actor.email,
            subject.name,
            subject.email,
          ].map(String),
        ),
      );
    }
  });
});

test('who met in PostgreSQL is found alike, whether people are listed or searched for on either side, and pages need no meetings', async () => {
  const server = await startPostgres();
  const url = await server.schema();
  const clock = testClock(FIRST);
  const store = await openPostgresAuditStore({ url, clock });
  const pool = openPool({ url, patienceMs: 5000 });
  try {
    await fill(store, clock);
    const found = async (side: Searched['side'], needle: string): Promise<Searched> => {
      const sql = 'SELECT ref FROM people WHERE strpos(search, $1) > 0';
      return { side, needle, refs: (await rows<{ ref: number }>(pool, sql, [needle])).map(({ ref }) => ref) };
    };
    const searched = (one: Searched): Searched => ({ ...one, refs: null });
    const always = { low: 1, high: Number.MAX_SAFE_INTEGER };
    const bounds = [always, { low: 400, high: 900 }];
    for (const [manager, customer] of [
      ['former', 'gone'],
      ['manager7@', 'shopper'],
      ['rarely1@', 'gone'],
      ['former', 'nobody'],
    ] as const) {
      const [actors, subjects] = [await found('actor', manager), await found('subject', customer)];
      for (const filter of [{}, { market: 'm-1' }, { event: 'blocked' as const }]) {
        for (const within of bounds) {
          const met = (oneByOne: boolean, ...sides: readonly Searched[]) =>
            meetingsOf(pool, sides, oneByOne, filter, within, 30);
          const listed = await met(false, actors, subjects);
          for (const oneByOne of [true, false]) {
            expect(await met(oneByOne, actors, searched(subjects))).toEqual(listed);
            expect(await met(oneByOne, searched(actors), subjects)).toEqual(listed);
            expect(await met(oneByOne, searched(actors), searched(subjects))).toEqual(listed);
          }
        }
      }
    }
    const former = await found('actor', 'former');
    expect(await meetingsOf(pool, [former], false, {}, always, 5)).toHaveLength(5);
    const many = (await meetingsOf(pool, [former], false, {}, always, 1000)).length;
    expect(await metAtMost(pool, many, [former, searched(former)], {})).toBe(true);
    expect(await metAtMost(pool, many - 1, [former, searched(former)], {})).toBe(false);
    expect(await metAtMost(pool, many, [searched(former)], {})).toBe(false);

    // Until the meetings of an older record are all read, its pages come without them.
    const some = FILTERS.filter(({ sessionId }, index) => sessionId === undefined && index % 4 === 0);
    const pages = (): Promise<readonly unknown[]> =>
      Promise.all(some.map((filter) => store.events(filter, { limit: 50 })));
    const before = await pages();
    await pool.query('DROP INDEX meetings_subject');
    expect(await pages()).toEqual(before);
  } finally {
    await pool.close();
    await store.close();
    await server.remove();
  }
}, 60_000);
