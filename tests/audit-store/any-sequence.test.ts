import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NewAuditEvent, openSqliteAuditStore, verifyRecord } from '../../audit-store/index.ts';
import { searchable } from '../../audit-store/searchable.ts';
import { recordFile, testClock } from './record-folder.ts';
import { hal, max, mia, sam, sampleEvent, valley } from './sample.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', "'; DROP TABLE entries", '%_\\'),
);
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const event: fc.Arbitrary<Partial<NewAuditEvent>> = fc.record({
  event: fc.constantFrom('start', 'stop', 'action', 'blocked', 'expired'),
  outcome: fc.constantFrom('ok', 'blocked', 'error'),
  sessionId: fc.constantFrom('s1', 's2', 's3'),
  actor: fc.oneof(fc.constantFrom(mia, max), fc.record({ id: text, name: text, email: text })),
  subject: fc.constantFrom(sam, hal),
  market: orNull(fc.constant(valley)),
  statusCode: orNull(fc.integer({ min: 100, max: 599 })),
  path: orNull(text),
  reason: orNull(text),
  ipAddress: orNull(text),
  userAgent: orNull(text),
  details: fc.dictionary(text, orNull(fc.oneof(text, fc.double(), fc.boolean())), { maxKeys: 4 }),
});

const step = fc.record({
  facts: event,
  kind: fc.constantFrom('append', 'intend', 'complete'),
  /** How far the clock moves, also backwards. */
  clock: fc.integer({ min: -5000, max: 5000 }),
  /** Whether the next step waits for this one. */
  wait: fc.boolean(),
});

test(
  'any sequence of entries, in any grouping, verifies and reads back as it was answered',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const file = recordFile();
        const clock = testClock();
        const store = await openSqliteAuditStore({ file, clock });
        const intents: number[] = [];
        const under: Promise<unknown>[] = [];
        const answered = new Map<number, unknown>();
        for (const { facts, kind, clock: moved, wait } of steps) {
          clock.set(clock.now() + moved);
          const append = async (completes?: number) => {
            const written = await store.append(sampleEvent(facts), completes);
            if (written) answered.set(written.seq, written);
          };
          if (kind === 'intend')
            under.push(store.intend(sampleEvent(facts)).then((seq) => intents.push(seq)));
          else under.push(append(kind === 'complete' ? intents.at(-1) : undefined));
          if (wait) await Promise.all(under);
        }
        await Promise.all(under);
        const { events } = await store.events({}, { limit: 1000 });
        await store.close();
        expect(events).toEqual([...answered].toSorted(([a], [b]) => b - a).map(([, written]) => written));
        expect(await verifyRecord(file)).toMatchObject({ ok: true });
      }),
      { numRuns: 25 },
    );
  },
);

test.each([
  ['É', 'é'],
  ['E\u0301', 'é'],
  ['STRASSE', 'straße'],
  ['ΟΔΟΣ', 'οδος'],
  ['ＦＵＬＬ', 'full'],
])('a search for %s finds %s', (search, name) => {
  expect(searchable(name)).toContain(searchable(search));
});
