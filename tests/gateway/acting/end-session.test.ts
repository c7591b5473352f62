/** Every end that the store handed out reaches the record sooner or later, whatever goes wrong with another one. */
import { beforeEach, expect, it } from 'vitest';
import { AuditUnavailableError, type AuditEvent, type NewAuditEvent } from '../../../audit-store/index.ts';
import { endSession, sweep, type EndParts } from '../../../gateway/acting/end-session.ts';
import { createLog } from '../../../gateway/log.ts';
import { createMetrics } from '../../../gateway/metrics.ts';
import { createWaitingEnds } from '../../../gateway/record/waiting-ends.ts';
import { createMemorySessionStore, newSession } from '../../../gateway/sessions/index.ts';
import { facts, person } from '../../contract/session-store.facts.ts';

/** Long past the time of any session. */
const FAR = Date.parse('2126-01-01T00:00:00Z');

let parts: EndParts;
let written: string[];
let told: string[];
let trouble: (event: NewAuditEvent) => Error | null;

beforeEach(async () => {
  written = [];
  trouble = () => null;
  told = [];
  const sessions = createMemorySessionStore();
  const clock = { now: () => FAR };
  const log = createLog('silent');
  const audit = {
    async append(event: NewAuditEvent): Promise<AuditEvent | null> {
      const error = trouble(event);
      if (error !== null) throw error;
      written.push(event.sessionId);
      return null;
    },
    health: () => ({ ok: true }) as const,
  };
  const standardError = { write: (line: string) => void told.push(line) };
  parts = {
    sessions,
    clock,
    log,
    metrics: createMetrics(
      () => 0,
      () => true,
      () => 0,
      () => true,
      () => ({ loadedAt: 0, lastFailure: null }),
    ),
    unrecordedEnds: createWaitingEnds({ audit, sessions, clock, log, standardError, maxBytes: 1500 }),
    audit,
  };
});

/** Two sessions, both long past their time. */
async function startTwo(): Promise<void> {
  for (const [id, actor, subject] of [
    ['s1', 'mia', 'sam'],
    ['s2', 'max', 'sue'],
  ] as const)
    await parts.sessions.start(newSession(facts({ id, actor: person(actor), subject: person(subject) }), 0));
}
const waiting = (): number => parts.unrecordedEnds.length();

it.each([new AuditUnavailableError('full'), new RangeError('a defect')])(
  'a swept session whose row fails with %s waits, and the others have their rows',
  async (error) => {
    await startTwo();
    trouble = ({ sessionId }) => (sessionId === 's1' ? error : null);
    await sweep(parts);
    expect(written).toEqual(['s2']);
    expect(waiting()).toBe(1);
    trouble = () => null;
    await sweep(parts);
    expect(written).toEqual(['s2', 's1']);
    expect(waiting()).toBe(0);
  },
);

it('a row that can never be written keeps none of those behind it waiting', async () => {
  await startTwo();
  trouble = () => new AuditUnavailableError('full');
  await sweep(parts);
  expect(waiting()).toBe(2);
  trouble = ({ sessionId }) => (sessionId === 's1' ? new RangeError('a defect') : null);
  await sweep(parts);
  expect(written).toEqual(['s2']);
  expect(waiting()).toBe(1);
});

it('beyond the bound an end stands on standard error only, and that is counted', async () => {
  trouble = () => new AuditUnavailableError('full');
  for (const actor of ['a1', 'a2', 'a3', 'a4']) {
    const given = facts({ id: actor, actor: person(actor), subject: person(`for-${actor}`) });
    await parts.sessions.start(newSession(given, 0));
  }
  await sweep(parts);
  expect(parts.unrecordedEnds.unkept()).toBeGreaterThan(0);
  expect(waiting() + parts.unrecordedEnds.unkept()).toBe(4);
  expect(told).toHaveLength(4);
  expect(told[0]).toMatch(/^\{"session_id":"a1","event":"expired","action":"\w+","ended_at":"2126-01-01T/);
  expect(told.join('')).not.toContain('@');
});

it('a session that no row can be made of costs the others nothing', async () => {
  await startTwo();
  const [first, second] = await parts.sessions.sweep(parts.clock.now());
  if (first === undefined || second === undefined) throw new Error('nothing was swept');
  const sessions = { ...parts.sessions, sweep: async () => [{ ...first, endedAt: Number.NaN }, second] };
  await sweep({ ...parts, sessions });
  expect(written).toEqual(['s2']);
});

it('whoever stops is out, whatever goes wrong with the row', async () => {
  await startTwo();
  trouble = () => new RangeError('a defect');
  const ended = await endSession('s1', 'stopped', null, { ...parts, clock: { now: () => 1 } });
  expect(ended?.why).toBe('stopped');
  expect(waiting()).toBe(1);
});
