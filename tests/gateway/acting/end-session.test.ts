/** Every end that the store handed out reaches the record sooner or later, whatever goes wrong with another one. */
import { beforeEach, expect, it } from 'vitest';
import { AuditUnavailableError, type AuditEvent, type NewAuditEvent } from '../../../audit-store/index.ts';
import { endSession, sweep, type EndParts } from '../../../gateway/acting/end-session.ts';
import { createLog } from '../../../gateway/log.ts';
import { createMetrics } from '../../../gateway/metrics.ts';
import { createMemorySessionStore, newSession } from '../../../gateway/sessions/index.ts';
import { facts, person } from '../../contract/session-store.facts.ts';

let parts: EndParts;
let written: string[];
let trouble: (event: NewAuditEvent) => Error | null;

beforeEach(async () => {
  written = [];
  trouble = () => null;
  const sessions = createMemorySessionStore();
  parts = {
    sessions,
    clock: { now: () => Number.MAX_SAFE_INTEGER },
    log: createLog('silent'),
    metrics: createMetrics(
      () => 0,
      () => true,
      () => ({ loadedAt: 0, lastFailure: null }),
    ),
    unrecordedEnds: [],
    audit: {
      async append(event: NewAuditEvent): Promise<AuditEvent | null> {
        const error = trouble(event);
        if (error !== null) throw error;
        written.push(event.sessionId);
        return null;
      },
      health: () => ({ ok: true }),
    },
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
const waiting = (): readonly string[] => parts.unrecordedEnds.map(({ sessionId }) => sessionId);

it.each([new AuditUnavailableError('full'), new RangeError('a defect')])(
  'a swept session whose row fails with %s waits, and the others have their rows',
  async (error) => {
    await startTwo();
    trouble = ({ sessionId }) => (sessionId === 's1' ? error : null);
    await sweep(parts);
    expect(written).toEqual(['s2']);
    expect(waiting()).toEqual(['s1']);
    trouble = () => null;
    await sweep(parts);
    expect(written).toEqual(['s2', 's1']);
    expect(waiting()).toEqual([]);
  },
);

it('a row that can never be written keeps none of those behind it waiting', async () => {
  await startTwo();
  trouble = () => new AuditUnavailableError('full');
  await sweep(parts);
  expect(waiting()).toEqual(['s1', 's2']);
  trouble = ({ sessionId }) => (sessionId === 's1' ? new RangeError('a defect') : null);
  await sweep(parts);
  expect(written).toEqual(['s2']);
  expect(waiting()).toEqual(['s1']);
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
  expect(waiting()).toEqual(['s1']);
});
