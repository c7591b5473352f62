/** Random lives of a session store against a simple model: one seat, one actor, and every session ends exactly once. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { isLive, newSession, type EndedSession, type SessionStore } from '../../gateway/sessions/index.ts';
import { facts, hashOf, hour, minute, person } from './session-store.facts.ts';
import type { OpenSessionStore, TestClock } from './session-store.contract.ts';

type Step =
  | {
      readonly do: 'start';
      readonly actor: number;
      readonly subject: number;
      readonly over: readonly number[];
    }
  | { readonly do: 'touch' | 'find' | 'end'; readonly session: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('start' as const),
    actor: fc.nat(2),
    subject: fc.nat(2),
    over: fc.array(fc.nat(12), { maxLength: 2 }),
  }),
  fc.record({ do: fc.constantFrom('touch' as const, 'find' as const, 'end' as const), session: fc.nat(12) }),
  fc.constant({ do: 'sweep' as const }),
  // Mostly small steps, now and then a jump over a timeout or back in time.
  fc.record({
    do: fc.constant('wait' as const),
    ms: fc.oneof(
      fc.integer({ min: 0, max: 29 * minute }),
      fc.constantFrom(30 * minute, hour, 2 * hour, -10 * minute, -hour),
    ),
  }),
);

/** Several steps that are under way at the same time, then the next ones. */
const lives = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });

export async function checkRandomLives(openStore: OpenSessionStore, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const clock: TestClock = { now: Date.UTC(2026, 0, 1) };
      const store = await openStore(clock);
      try {
        await live(store, clock, life);
      } finally {
        await store.close();
      }
    }),
    { numRuns: runs },
  );
}

async function live(
  store: SessionStore,
  clock: TestClock,
  life: readonly (readonly Step[])[],
): Promise<void> {
  const started: string[] = [];
  const claimed: string[] = [];
  const told: string[] = [];
  const dead = new Set<string>();
  let ids = 0;
  store.onEnd(({ session }) => void told.push(session.id));
  const claim = (ended: EndedSession): void => {
    claimed.push(ended.session.id);
    dead.add(ended.session.id);
    if (ended.why === 'stopped' || ended.why === 'taken_over')
      expect(isLive(ended.session, ended.endedAt)).toBe(true);
    else expect(ended.endedAt).toBe(ended.session.idleExpiresAt);
  };

  async function take(next: Step): Promise<void> {
    switch (next.do) {
      case 'wait':
        clock.now += next.ms;
        return;
      case 'start': {
        ids += 1;
        const id = `s${String(ids)}`;
        const people = {
          actor: person(`a${String(next.actor)}`),
          subject: person(`c${String(next.subject)}`),
        };
        const over = next.over.map((n) => `s${String(n)}`);
        const result = await store.start(newSession(facts({ id, ...people }), clock.now), over);
        if (!result.ok) return;
        started.push(id);
        result.ended.forEach(claim);
        return;
      }
      case 'touch': {
        const id = `s${String(next.session)}`;
        const committed = await store.commit(hashOf(id), clock.now, true);
        if (committed !== null) expect(dead).not.toContain(id);
        return;
      }
      case 'find': {
        const id = `s${String(next.session)}`;
        const found = await store.find(hashOf(id), clock.now);
        if (found.kind === 'live') expect(dead).not.toContain(id);
        else if (started.includes(id)) dead.add(id);
        return;
      }
      case 'end': {
        const ended = await store.end(`s${String(next.session)}`, 'stopped', clock.now);
        if (ended !== null) claim(ended);
        return;
      }
      case 'sweep':
        (await store.sweep(clock.now)).forEach(claim);
    }
  }

  for (const together of life) {
    await Promise.all(together.map(take));
    const living = await store.list(clock.now);
    expect(new Set(living.map(({ subject }) => subject.id)).size, 'one actor a subject').toBe(living.length);
    expect(new Set(living.map(({ actor }) => actor.id)).size, 'one seat an actor').toBe(living.length);
    for (const session of living) {
      expect(session.idleExpiresAt).toBeLessThanOrEqual(session.absoluteExpiresAt);
      expect(session.absoluteExpiresAt).toBe(session.startedAt + 2 * hour);
      expect(dead).not.toContain(session.id);
      expect(store.liveFor(session.subject.id, clock.now)?.id).toBe(session.id);
    }
    expect(store.liveCount()).toBe(started.length - claimed.length);
  }
  clock.now += 100 * hour;
  (await store.sweep(clock.now)).forEach(claim);
  expect(claimed.toSorted(), 'every session ends exactly once').toEqual(started.toSorted());
  expect(told.toSorted()).toEqual(started.toSorted());
}
