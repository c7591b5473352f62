/** What every audit store promises, whatever database keeps it. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AuditFilter, AuditStore, NewAuditEvent } from '../../audit-store/index.ts';
import {
  hal,
  hill,
  max,
  mia,
  sam,
  sampleEvent,
  sampleNote,
  startEvent,
  valley,
} from '../audit-store/sample.ts';
import { NOON, testClock } from '../audit-store/record-folder.ts';

/** A place for one record; opening it twice is two runs of the same gateway. */
export type RecordPlace = { open(clock: { now(): number }): Promise<AuditStore> };

const nobody = () => false;

async function actions(store: AuditStore, filter: AuditFilter = {}): Promise<(string | null)[]> {
  return (await store.events(filter, { limit: 1000 })).events.map(({ action }) => action);
}

/** Five events, told apart by their actions 1 to 5, a millisecond apart. */
async function fill(store: AuditStore, clock: { set(time: number): void }): Promise<void> {
  const events: readonly Partial<NewAuditEvent>[] = [
    { event: 'start', sessionId: 'v' },
    { sessionId: 'v', outcome: 'error' },
    { event: 'blocked', outcome: 'blocked', sessionId: 'v' },
    { sessionId: 'h', actor: max, subject: hal, market: hill },
    { event: 'stop', sessionId: 'v' },
  ];
  for (const [index, facts] of events.entries()) {
    clock.set(NOON + index);
    await store.append(sampleEvent({ ...facts, action: `${index + 1}` }));
  }
}

export function auditStoreContract(newPlace: () => Promise<RecordPlace> | RecordPlace): void {
  async function fresh() {
    const clock = testClock();
    const place = await newPlace();
    const store = await place.open(clock);
    onTestFinished(() => store.close());
    return { clock, place, store };
  }

  describe('appending', () => {
    test('an appended event reads back exactly as it was answered, with seq, time and hash', async () => {
      const { store } = await fresh();
      const answered = await store.append(sampleEvent());
      expect(answered).toMatchObject({ ...sampleEvent(), createdAt: NOON });
      expect(answered?.seq).toBeGreaterThan(0);
      expect(answered?.hash).toMatch(/^[0-9a-f]{64}$/);
      expect((await store.events({}, { limit: 10 })).events).toEqual([answered]);
    });

    test('an event with nothing but its people reads back with nulls', async () => {
      const { store } = await fresh();
      const bare = sampleEvent({
        market: null,
        statusCode: null,
        method: null,
        path: null,
        action: null,
        ipAddress: null,
        userAgent: null,
        requestId: null,
        rule: null,
        details: {},
      });
      await store.append(bare);
      expect((await store.events({}, { limit: 1 })).events[0]).toMatchObject(bare);
    });

    test('seq increases strictly even while many append at once', async () => {
      const { store } = await fresh();
      const events = await Promise.all(
        Array.from({ length: 300 }, (_, i) => store.append(sampleEvent({ action: `a${i}` }))),
      );
      const seqs = events.map((event) => event?.seq ?? 0);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(new Set(seqs).size).toBe(300);
    });

    test('a second start of a session resolves to null and writes nothing', async () => {
      const { store } = await fresh();
      expect(await store.append(startEvent('s1'))).not.toBeNull();
      expect(await store.append(startEvent('s1', { reason: 'again' }))).toBeNull();
      expect((await store.session('s1')).events.map(({ reason }) => reason)).toEqual(['phone order']);
    });

    test('of many ends of one session at once exactly one is written, stop or expired', async () => {
      const { store } = await fresh();
      await store.append(startEvent('s1'));
      const ends = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          store.append(sampleEvent({ event: i % 2 ? 'stop' : 'expired', sessionId: 's1' })),
        ),
      );
      expect(ends.filter((end) => end !== null)).toHaveLength(1);
      expect((await store.session('s1')).events).toHaveLength(2);
    });

    test('ends of different sessions do not hinder each other, nor do many actions of one', async () => {
      const { store } = await fresh();
      expect(await store.append(sampleEvent({ event: 'stop', sessionId: 's1' }))).not.toBeNull();
      expect(await store.append(sampleEvent({ event: 'stop', sessionId: 's2' }))).not.toBeNull();
      expect(await store.append(sampleEvent({ sessionId: 's1' }))).not.toBeNull();
      expect(await store.append(sampleEvent({ sessionId: 's1' }))).not.toBeNull();
    });

    test('control and bidirectional characters are written visibly, oversized values cut', async () => {
      const { store } = await fresh();
      const event = await store.append(
        startEvent('s1', {
          reason: `a\r\nb\u202ec${'x'.repeat(600)}`,
          path: `/${'é'.repeat(3000)}`,
          userAgent: 'U'.repeat(1000),
          actor: { ...mia, name: 'Mia\u0000\ud800' },
        }),
      );
      expect(event?.reason).toMatch(/^a\\u000d\\u000ab\\u202ecx+…$/);
      expect(event?.reason).toHaveLength(500);
      expect(event?.userAgent).toBe(`${'U'.repeat(255)}…`);
      expect(Buffer.byteLength(event?.path ?? '')).toBeLessThanOrEqual(2048);
      expect(event?.actor.name).toBe('Mia\\u0000\\ud800');
      expect((await store.session('s1')).events).toEqual([event]);
    });

    test('details that JSON has no words for read back as they were answered', async () => {
      const { store } = await fresh();
      const details = { minus: -0, none: Number.NaN, ['__proto__']: 'own', constructor: 1, 1: 'b', 0: 'a' };
      const answered = await store.append(sampleEvent({ details }));
      const written = { minus: 0, none: 'NaN', ['__proto__']: 'own', constructor: 1, 1: 'b', 0: 'a' };
      expect(answered?.details).toStrictEqual(written);
      expect((await store.events({}, { limit: 1 })).events).toStrictEqual([answered]);
    });

    test('a reason of 250 characters outside the basic plane is kept whole', async () => {
      const { store } = await fresh();
      const reason = '🧺'.repeat(250);
      expect((await store.append(startEvent('s1', { reason })))?.reason).toBe(reason);
    });

    test('a closed store refuses', async () => {
      const { store } = await fresh();
      await store.close();
      await expect(store.append(sampleEvent())).rejects.toThrow('closed');
      await expect(store.events({}, { limit: 1 })).rejects.toThrow('closed');
      expect(store.health()).toEqual({ ok: false, reason: 'the record is closed' });
    });
  });

  describe('intents', () => {
    test('an intent is no event until something completes it', async () => {
      const { store } = await fresh();
      const intent = await store.intend(sampleEvent());
      expect(await actions(store)).toEqual([]);
      const event = await store.append(sampleEvent(), intent);
      expect(event?.seq).toBeGreaterThan(intent);
      expect(await actions(store)).toEqual(['place_order']);
    });

    test('an intent is completed once; a second completion resolves to null', async () => {
      const { store } = await fresh();
      const intent = await store.intend(sampleEvent());
      expect(await store.append(sampleEvent(), intent)).not.toBeNull();
      expect(await store.append(sampleEvent({ outcome: 'error' }), intent)).toBeNull();
      expect(await actions(store)).toHaveLength(1);
    });

    test('completing what is no intent is an error, and the group it came in is written all the same', async () => {
      const { store } = await fresh();
      const event = await store.append(sampleEvent());
      const [good, bad, missing] = await Promise.allSettled([
        store.append(sampleEvent({ action: 'good' })),
        store.append(sampleEvent(), event?.seq),
        store.append(sampleEvent(), 4711),
      ]);
      expect([good.status, bad.status, missing.status]).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(await actions(store)).toEqual(['good', 'place_order']);
    });
  });

  describe('recovery', () => {
    test('completes intents of an earlier run with an unknown outcome, once', async () => {
      const { clock, place, store } = await fresh();
      await store.intend(sampleEvent({ action: 'place_order' }));
      const done = await store.intend(sampleEvent({ action: 'update_profile' }));
      await store.append(sampleEvent({ action: 'update_profile' }), done);
      await store.close();

      clock.set(NOON + 60_000);
      const next = await place.open(clock);
      onTestFinished(() => next.close());
      expect(await next.recover(nobody)).toEqual({ intents: 1, sessions: 0 });
      const [newest] = (await next.events({}, { limit: 10 })).events;
      expect(newest).toMatchObject({
        event: 'action',
        outcome: 'error',
        action: 'place_order',
        subject: sam,
        createdAt: NOON + 60_000,
        details: { order_id: '17', note: 'the outcome is unknown' },
      });
      expect(await next.recover(nobody)).toEqual({ intents: 0, sessions: 0 });
      expect(await actions(next)).toEqual(['place_order', 'update_profile']);
    });

    test('leaves intents of its own run alone', async () => {
      const { store } = await fresh();
      const intent = await store.intend(sampleEvent());
      expect(await store.recover(nobody)).toEqual({ intents: 0, sessions: 0 });
      expect(await store.append(sampleEvent(), intent)).not.toBeNull();
    });

    test('ends, as expired, exactly the open sessions that live no more', async () => {
      const { clock, place, store } = await fresh();
      for (const id of ['gone', 'live', 'stopped']) await store.append(startEvent(id));
      await store.append(sampleEvent({ event: 'stop', sessionId: 'stopped' }));
      await store.close();

      const next = await place.open(clock);
      onTestFinished(() => next.close());
      expect(await next.recover((id) => id === 'live')).toEqual({ intents: 0, sessions: 1 });
      expect((await next.session('gone')).events[1]).toMatchObject({
        event: 'expired',
        outcome: 'ok',
        action: 'gateway_restarted',
        actor: mia,
        reason: null,
        path: null,
        ipAddress: null,
      });
      expect((await next.session('live')).events).toHaveLength(1);
      expect((await next.session('stopped')).events).toHaveLength(2);

      expect(await next.recover((id) => id === 'live')).toEqual({ intents: 0, sessions: 0 });
      expect(await next.recover(nobody)).toEqual({ intents: 0, sessions: 1 });
    });

    test('finds more open ends than one page holds, also behind an earlier recovery', async () => {
      const { clock, place, store } = await fresh();
      await store.append(startEvent('old'));
      await Promise.all(Array.from({ length: 1100 }, () => store.intend(sampleEvent())));
      await store.close();
      const second = await place.open(clock);
      expect(await second.recover((id) => id === 'old')).toEqual({ intents: 1100, sessions: 0 });
      await second.append(startEvent('new'));
      await second.intend(sampleEvent());
      await second.close();
      const third = await place.open(clock);
      onTestFinished(() => third.close());
      expect(await third.recover(nobody)).toEqual({ intents: 1, sessions: 2 });
    });
  });

  describe('filters', () => {
    const cases: readonly (readonly [title: string, filter: AuditFilter, expected: string])[] = [
      ['no filter gives everything, newest first', {}, '54321'],
      ['from is inclusive', { from: NOON + 3 }, '54'],
      ['before is exclusive', { before: NOON + 1 }, '1'],
      ['from and before together', { from: NOON + 1, before: NOON + 3 }, '32'],
      ['a time before everything', { before: NOON }, ''],
      ['a time after everything', { from: NOON + 5 }, ''],
      ['event', { event: 'action' }, '42'],
      ['event blocked', { event: 'blocked' }, '3'],
      ['event expired, of which there is none', { event: 'expired' }, ''],
      ['outcome', { outcome: 'error' }, '2'],
      ['manager by part of the name, in any case', { manager: 'MOREN' }, '5321'],
      ['manager by part of the e-mail', { manager: 'hill.exam' }, '4'],
      ['a customer is not found as a manager', { manager: 'sam@' }, ''],
      ['customer by part of the name', { customer: 'hal' }, '4'],
      ['customer with a capital that is not ASCII', { customer: 'éCLAIR' }, '5321'],
      ['customer with a combining accent', { customer: 'E\u0301clair' }, '5321'],
      ['a per cent sign is an ordinary character', { customer: '0%' }, '4'],
      ['a per cent sign is no wildcard', { customer: 'h%l' }, ''],
      ['an underscore is an ordinary character', { customer: '%_o' }, '4'],
      ['an underscore is no wildcard', { customer: 'h_l' }, ''],
      ['quotes and backslashes are ordinary characters', { customer: `'" \\` }, ''],
      ['a search does not reach from the name into the e-mail', { customer: 'eclairsam' }, ''],
      ['empty texts restrict nothing', { manager: '', customer: '', market: '', sessionId: '' }, '54321'],
      ['market', { market: 'hill' }, '4'],
      ['an unknown market', { market: 'nowhere' }, ''],
      ['session', { sessionId: 'v' }, '5321'],
      ['market and event', { market: 'valley', event: 'action' }, '2'],
      ['market and outcome', { market: 'valley', outcome: 'ok' }, '51'],
      ['manager and customer', { manager: 'mia', customer: 'sam' }, '5321'],
      ['manager and another manager’s customer', { manager: 'mia', customer: 'hal' }, ''],
      [
        'all of them',
        {
          from: NOON,
          before: NOON + 4,
          event: 'action',
          outcome: 'error',
          manager: 'mia',
          customer: 'valley.example',
          market: 'valley',
          sessionId: 'v',
        },
        '2',
      ],
    ];
    let shared: AuditStore;
    beforeAll(async () => {
      const clock = testClock();
      shared = await (await newPlace()).open(clock);
      await fill(shared, clock);
    });
    afterAll(() => shared.close());

    test.each(cases)('%s', async (_title, filter, expected) => {
      expect((await actions(shared, filter)).join('')).toBe(expected);
    });

    test('a range of time finds its events although the clock went back in between', async () => {
      const { clock, store } = await fresh();
      const HOUR = 3_600_000;
      for (const [action, at] of [
        ['a', NOON],
        ['b', NOON + HOUR],
        ['c', NOON + 1],
        ['d', NOON + 2],
        ['e', NOON + 2 * HOUR],
      ] as const) {
        clock.set(at);
        await store.append(sampleEvent({ action }));
      }
      expect(await actions(store, { before: NOON + HOUR })).toEqual(['d', 'c', 'a']);
      expect(await actions(store, { from: NOON + 1, before: NOON + 2 })).toEqual(['c']);
      expect(await actions(store, { from: NOON + HOUR })).toEqual(['e', 'b']);
    });

    test('a search that finds hundreds of people gives the same pages as one that finds few', async () => {
      const { store } = await fresh();
      await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          store.append(sampleEvent({ action: `${i}`, subject: { ...sam, id: `c${i}`, name: `Crowd ${i}` } })),
        ),
      );
      await store.append(sampleEvent({ action: 'other' }));
      expect(await actions(store, { customer: 'crowd' })).toHaveLength(200);
      expect(await actions(store, { customer: 'crowd', manager: 'mia' })).toHaveLength(200);
      expect(await actions(store, { customer: 'crowd 19' })).toEqual([
        '199',
        '198',
        '197',
        '196',
        '195',
        '194',
        '193',
        '192',
        '191',
        '190',
        '19',
      ]);
    });
  });

  describe('paging', () => {
    test('pages put together are the whole, newest first, and end with null', async () => {
      const { store } = await fresh();
      await Promise.all(Array.from({ length: 25 }, (_, i) => store.append(sampleEvent({ action: `${i}` }))));
      const seen: (string | null)[] = [];
      let next: number | null | undefined;
      const sizes: number[] = [];
      while (next !== null) {
        const page = await store.events(
          {},
          { limit: 10, ...(next === undefined ? {} : { beforeSeq: next }) },
        );
        seen.push(...page.events.map(({ action }) => action));
        sizes.push(page.events.length);
        next = page.next;
      }
      expect(sizes).toEqual([10, 10, 5]);
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `${24 - i}`));
    });

    test('events written between two pages neither repeat nor hide any', async () => {
      const { store } = await fresh();
      for (const action of ['1', '2', '3', '4']) await store.append(sampleEvent({ action }));
      const first = await store.events({ manager: 'mia' }, { limit: 2 });
      await store.append(sampleEvent({ action: 'late' }));
      const second = await store.events({ manager: 'mia' }, { limit: 2, beforeSeq: first.next ?? 0 });
      expect([...first.events, ...second.events].map(({ action }) => action)).toEqual(['4', '3', '2', '1']);
      expect(second.next).toBeNull();
    });

    test.each([0, 1001, 1.5])('a page of %s is refused', async (limit) => {
      const { store } = await fresh();
      await expect(store.events({}, { limit })).rejects.toThrow(RangeError);
    });
  });

  test('a session’s own view has its events and decisions, oldest first, and nobody else’s', async () => {
    const { place, store, clock } = await fresh();
    await store.append(startEvent('s1'));
    await store.append(startEvent('s2'));
    await store.append(sampleEvent({ sessionId: 's1' }));
    const note = {
      at: NOON,
      sessionId: 's1',
      side: 'acting',
      requestId: 'r1',
      method: 'GET',
      path: '/market',
      effect: 'allow',
      rule: null,
      reason: 'otherwise_reads',
      statusCode: 200,
    } as const;
    store.note(note);
    store.note({ ...note, side: 'assisted', rule: 'pause-cart', effect: 'pause', statusCode: null });
    store.note({ ...note, sessionId: 's2' });
    await store.close();

    const next = await place.open(clock);
    onTestFinished(() => next.close());
    const session = await next.session('s1');
    expect(session.events.map(({ event }) => event)).toEqual(['start', 'action']);
    expect(session.decisions).toEqual([
      note,
      { ...note, side: 'assisted', rule: 'pause-cart', effect: 'pause', statusCode: null },
    ]);
    expect(session.decisionCount).toBe(2);
    expect(await next.session('unknown')).toEqual({ events: [], decisions: [], decisionCount: 0 });
  });

  test('of a session that made decisions without end its view has the first, and says how many there are', async () => {
    const { place, store, clock } = await fresh();
    const path = `/${'x'.repeat(2_000)}`;
    for (let at = 0; at < 1_500; at += 1) store.note(sampleNote({ sessionId: 'busy', at, path }));
    await store.close();

    const next = await place.open(clock);
    onTestFinished(() => next.close());
    const { decisions, decisionCount } = await next.session('busy');
    expect(decisions.map(({ at }) => at)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    expect(decisionCount).toBe(1_500);
  });

  test('markets keep the name they had at the time', async () => {
    const { store } = await fresh();
    await store.append(sampleEvent());
    await store.append(sampleEvent({ market: { ...valley, name: 'Valley Farm Market' } }));
    const names = (await store.events({ market: 'valley' }, { limit: 10 })).events.map((e) => e.market?.name);
    expect(names).toEqual(['Valley Farm Market', 'Valley Market']);
  });
}
