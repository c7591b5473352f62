/** What every session store promises of changes to a live session: the cart's lock, and the carts that were seen in it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSession, type SessionStore } from '../../gateway/sessions/index.ts';
import type { OpenSessionStore } from './session-store.contract.ts';
import { facts, hashOf, minute, person } from './session-store.facts.ts';

const NOON = Date.UTC(2026, 3, 18, 16, 0, 0);

async function openWith(
  openStore: OpenSessionStore,
): Promise<{ clock: { now: number }; store: SessionStore }> {
  const clock = { now: NOON };
  const store = await openStore(clock);
  onTestFinished(() => store.close());
  return { clock, store };
}

export function sessionChangesContract(name: string, openStore: OpenSessionStore): void {
  describe(`${name}: changes of a live session`, () => {
    it('locks and unlocks, and every way of asking says so', async () => {
      const { clock, store } = await openWith(openStore);
      const session = newSession(facts({ id: 's1', pause: 'on_lock' }), clock.now);
      expect(session.locked).toBe(false);
      await store.start(session);
      for (const locked of [true, false, true]) {
        const expected = { ...session, locked };
        expect(await store.change('s1', { locked }, clock.now)).toEqual(expected);
        expect(await store.find(session.tokenHash, clock.now)).toEqual({ kind: 'live', session: expected });
        expect((await store.commit(session.tokenHash, clock.now, false))?.session).toEqual(expected);
        expect(store.liveFor('sam', clock.now)).toEqual(expected);
        expect(await store.list(clock.now)).toEqual([expected]);
      }
      expect((await store.end('s1', 'stopped', clock.now))?.session.locked).toBe(true);
    });

    it('does not open the cart of a session that pauses from the beginning', async () => {
      const { clock, store } = await openWith(openStore);
      await store.start(newSession(facts({ id: 's1' }), clock.now));
      expect((await store.change('s1', { locked: false }, clock.now))?.locked).toBe(true);
    });

    it('adds carts to those that were seen, each once, and finds the session by any of them', async () => {
      const { clock, store } = await openWith(openStore);
      await store.start(newSession(facts({ id: 's1' }), clock.now));
      await store.change('s1', { cartIds: ['c1'] }, clock.now);
      await Promise.all([
        store.change('s1', { cartIds: ['c2', 'c2'] }, clock.now),
        store.change('s1', { cartIds: ['c1', 'c3'] }, clock.now),
      ]);
      expect(store.liveFor('sam', clock.now)?.cartIds.toSorted()).toEqual(['c1', 'c2', 'c3']);
      expect(store.liveWithCart('c3', clock.now)?.id).toBe('s1');
      expect(store.liveWithCart('c4', clock.now)).toBeNull();
      await store.end('s1', 'stopped', clock.now);
      expect(store.liveWithCart('c3', clock.now)).toBeNull();
    });

    it('moves no expiry, and keeps what moved it', async () => {
      const { clock, store } = await openWith(openStore);
      const session = newSession(facts({ id: 's1', pause: 'on_lock' }), clock.now);
      await store.start(session);
      clock.now += 10 * minute;
      expect((await store.change('s1', { locked: true }, clock.now))?.idleExpiresAt).toBe(
        session.idleExpiresAt,
      );
      await store.commit(session.tokenHash, clock.now, true);
      expect((await store.change('s1', { locked: false }, clock.now))?.idleExpiresAt).toBe(
        clock.now + 30 * minute,
      );
    });

    it('changes nothing that is over, was never, or is past its time', async () => {
      const { clock, store } = await openWith(openStore);
      expect(await store.change('never', { locked: true }, clock.now)).toBeNull();
      await store.start(newSession(facts({ id: 's1', pause: 'on_lock' }), clock.now));
      await store.end('s1', 'stopped', clock.now);
      expect(await store.change('s1', { locked: true }, clock.now)).toBeNull();
      await store.start(newSession(facts({ id: 's2', subject: person('sue') }), clock.now));
      clock.now += 30 * minute;
      expect(await store.change('s2', { cartIds: ['c1'] }, clock.now)).toBeNull();
      expect(store.liveWithCart('c1', clock.now)).toBeNull();
      expect((await store.find(hashOf('s2'), clock.now)).kind).toBe('dead');
    });
  });
}
