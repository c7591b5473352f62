/** What every session store promises, whatever keeps the sessions. Run it with an opener for each implementation. */
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  newSession,
  touched,
  whyEnded,
  type EndedSession,
  type SessionStore,
} from '../../gateway/sessions/index.ts';
import { facts, hashOf, hour, minute, person } from './session-store.facts.ts';

export type TestClock = { now: number };

/** Opens an empty store whose own idea of time, if it has one, is this clock's. */
export type OpenSessionStore = (clock: TestClock) => Promise<SessionStore>;

const start0 = Date.UTC(2026, 3, 18, 14, 0, 0);

async function openWith(openStore: OpenSessionStore) {
  const clock: TestClock = { now: start0 };
  const store = await openStore(clock);
  onTestFinished(() => store.close());
  const start = (overrides: Parameters<typeof facts>[0]) =>
    store.start(newSession(facts(overrides), clock.now));
  const end = (id: string, why: 'stopped' | 'signed_out' = 'stopped') => store.end(id, why, clock.now);
  const touch = async (tokenHash: string) =>
    (await store.commit(tokenHash, clock.now, true))?.session ?? null;
  return { clock, store, start, end, touch };
}

export function sessionStoreContract(name: string, openStore: OpenSessionStore): void {
  describe(`${name}: the session store's contract`, () => {
    it('finds a started session by the hash of its token, with every fact it was started with', async () => {
      const { clock, store } = await openWith(openStore);
      const session = newSession(facts({ id: 's1', reason: 'phone order', mode: 'view' }), clock.now);
      expect(await store.start(session)).toEqual({ ok: true, session, ended: [] });
      expect(await store.find(session.tokenHash, clock.now)).toEqual({ kind: 'live', session });
      expect(await store.list(clock.now)).toEqual([session]);
    });

    it('answers an unknown token with dead and nothing more', async () => {
      const { clock, store, touch } = await openWith(openStore);
      expect(await store.find(hashOf('never'), clock.now)).toEqual({ kind: 'dead', ended: null });
      expect(await touch(hashOf('never'))).toBeNull();
      expect(await store.end('never', 'stopped', clock.now)).toBeNull();
    });

    it('refuses a second actor on a taken subject and says whose session it is', async () => {
      const { store, start, clock } = await openWith(openStore);
      const first = await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      const second = await start({ id: 's2', actor: person('max'), subject: person('sam') });
      expect(second).toEqual({
        ok: false,
        taken: { by: 'subject', session: first.ok ? first.session : null },
      });
      expect(await store.find(hashOf('s2'), clock.now)).toEqual({ kind: 'dead', ended: null });
    });

    it('refuses an actor who already holds a seat a second one', async () => {
      const { start } = await openWith(openStore);
      const first = await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      const second = await start({ id: 's2', actor: person('mia'), subject: person('sue') });
      expect(second).toEqual({ ok: false, taken: { by: 'actor', session: first.ok ? first.session : null } });
    });

    it('gives one of many simultaneous starts on one subject the seat', async () => {
      const { start } = await openWith(openStore);
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          start({ id: `s${String(n)}`, actor: person(`a${String(n)}`), subject: person('sam') }),
        ),
      );
      expect(results.filter((result) => result.ok)).toHaveLength(1);
    });

    it('frees both seats when the session ends', async () => {
      const { start, end } = await openWith(openStore);
      await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      await end('s1');
      expect((await start({ id: 's2', actor: person('mia'), subject: person('sue') })).ok).toBe(true);
      expect((await start({ id: 's3', actor: person('max'), subject: person('sam') })).ok).toBe(true);
    });

    it('never lets an id or a token be used again', async () => {
      const { start, end } = await openWith(openStore);
      await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      await expect(
        start({ id: 's1', tokenHash: hashOf('x'), actor: person('max'), subject: person('sue') }),
      ).rejects.toThrow('used twice');
      await expect(
        start({ id: 'x', tokenHash: hashOf('s1'), actor: person('max'), subject: person('sue') }),
      ).rejects.toThrow('used twice');
      await end('s1');
      await expect(start({ id: 's1', tokenHash: hashOf('y') })).rejects.toThrow('used twice');
    });

    it('slides the idle expiry at a touch and not at a look', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now += 29 * minute;
      await store.find(hashOf('s1'), clock.now);
      expect((await store.list(clock.now))[0]?.idleExpiresAt).toBe(start0 + 30 * minute);
      expect((await touch(hashOf('s1')))?.idleExpiresAt).toBe(start0 + 59 * minute);
      clock.now += 29 * minute;
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('live');
    });

    it('never slides past the absolute expiry', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      await start({ id: 's1' });
      for (let spent = 0; spent < 2 * hour - 20 * minute; spent += 20 * minute) {
        clock.now += 20 * minute;
        await touch(hashOf('s1'));
      }
      expect((await store.list(clock.now))[0]?.idleExpiresAt).toBe(start0 + 2 * hour);
      clock.now = start0 + 2 * hour - 1;
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('live');
      clock.now += 1;
      expect(await store.find(hashOf('s1'), clock.now)).toMatchObject({
        kind: 'dead',
        ended: { why: 'absolute_timeout', endedAt: start0 + 2 * hour },
      });
    });

    it('finds a session past its time dead before anybody swept it, and cannot touch it', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      await start({ id: 's1', subject: person('sam') });
      clock.now += 30 * minute;
      expect(await touch(hashOf('s1'))).toBeNull();
      expect(await store.find(hashOf('s1'), clock.now)).toMatchObject({
        kind: 'dead',
        ended: { why: 'idle_timeout', endedAt: start0 + 30 * minute },
      });
      expect(await store.list(clock.now)).toEqual([]);
      expect(store.liveFor('sam', clock.now)).toBeNull();
    });

    it('hands the end of a session past its time to the sweeper, once', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now += 31 * minute;
      await store.find(hashOf('s1'), clock.now);
      const swept = await store.sweep(clock.now);
      expect(swept).toMatchObject([
        { session: { id: 's1' }, why: 'idle_timeout', endedAt: start0 + 30 * minute },
      ]);
      expect(await store.sweep(clock.now)).toEqual([]);
      expect(await store.end('s1', 'stopped', clock.now)).toBeNull();
    });

    it('sweeps a session that was kept busy up to its absolute expiry', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      await start({ id: 's1' });
      for (let touches = 0; touches < 5; touches += 1) {
        clock.now += 20 * minute;
        await touch(hashOf('s1'));
      }
      clock.now = start0 + 2 * hour;
      expect(await store.sweep(clock.now)).toMatchObject([
        { session: { id: 's1' }, why: 'absolute_timeout', endedAt: start0 + 2 * hour },
      ]);
    });

    it('leaves a session that still lives to nobody when it sweeps', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now += 30 * minute - 1;
      expect(await store.sweep(clock.now)).toEqual([]);
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('live');
    });

    it('hands an expired session that stood in the way of a start to the starter, once', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      await start({ id: 's2', actor: person('max'), subject: person('sue') });
      clock.now += 30 * minute;
      const result = await start({ id: 's3', actor: person('mia'), subject: person('sue') });
      expect(result).toMatchObject({ ok: true, session: { id: 's3' } });
      const expired = result.ok ? result.ended : [];
      expect(expired.map(({ session, why }) => `${session.id} ${why}`).toSorted()).toEqual([
        's1 idle_timeout',
        's2 idle_timeout',
      ]);
      expect(await store.sweep(clock.now)).toEqual([]);
      expect(await store.end('s1', 'stopped', clock.now)).toBeNull();
      expect((await store.find(hashOf('s3'), clock.now)).kind).toBe('live');
    });

    it('claims nothing when a start is refused', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 'old', actor: person('mia'), subject: person('sue') });
      clock.now += 20 * minute;
      await start({ id: 'live', actor: person('max'), subject: person('sam') });
      clock.now += 15 * minute;
      expect((await start({ id: 'new', actor: person('mia'), subject: person('sam') })).ok).toBe(false);
      expect((await store.sweep(clock.now)).map(({ session }) => session.id)).toEqual(['old']);
    });

    it('gives the end to exactly one of many who ask for it', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1' });
      const claims = await Promise.all([
        ...Array.from({ length: 10 }, () => store.end('s1', 'stopped', clock.now)),
        ...Array.from({ length: 10 }, () => store.end('s1', 'stopped_by_reviewer', clock.now)),
      ]);
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    });

    it('ends a session that is past its time as that timeout, whatever the caller says', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now += 45 * minute;
      expect(await store.end('s1', 'stopped', clock.now)).toMatchObject({
        why: 'idle_timeout',
        endedAt: start0 + 30 * minute,
      });
    });

    it('remembers what ended a session for those who come late with its cookie', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      const started = await start({ id: 's1' });
      clock.now += 5 * minute;
      await store.end('s1', 'stopped_by_reviewer', clock.now);
      clock.now += hour;
      expect(await store.find(hashOf('s1'), clock.now)).toEqual({
        kind: 'dead',
        ended: {
          session: started.ok ? started.session : null,
          why: 'stopped_by_reviewer',
          endedAt: start0 + 5 * minute,
        },
      });
      expect(await touch(hashOf('s1'))).toBeNull();
    });

    it('keeps a session that was seen past its time dead when the clock is set back', async () => {
      const { clock, store, start, touch } = await openWith(openStore);
      await start({ id: 's1', subject: person('sam') });
      clock.now += 30 * minute;
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('dead');
      clock.now -= hour;
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('dead');
      expect(await touch(hashOf('s1'))).toBeNull();
      expect(store.liveFor('sam', clock.now)).toBeNull();
      expect(await store.sweep(clock.now)).toHaveLength(1);
    });

    it('never moves the idle expiry back when the clock is set back', async () => {
      const { clock, start, touch } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now -= 10 * minute;
      expect((await touch(hashOf('s1')))?.idleExpiresAt).toBe(start0 + 30 * minute);
    });

    it('knows by heart whether anybody acts, and for whom', async () => {
      const { clock, store, start, end, touch } = await openWith(openStore);
      expect(store.liveCount()).toBe(0);
      const started = await start({ id: 's1', subject: person('sam') });
      expect(store.liveCount()).toBe(1);
      expect(store.liveFor('sam', clock.now)).toEqual(started.ok ? started.session : null);
      expect(store.liveFor('sue', clock.now)).toBeNull();
      expect(store.liveById('s1', clock.now)).toEqual(store.liveFor('sam', clock.now));
      expect(store.liveById('s2', clock.now)).toBeNull();
      clock.now += minute;
      await touch(hashOf('s1'));
      expect(store.liveFor('sam', clock.now)?.idleExpiresAt).toBe(clock.now + 30 * minute);
      await end('s1');
      expect(store.liveCount()).toBe(0);
      expect(store.liveFor('sam', clock.now)).toBeNull();
      expect(store.liveById('s1', clock.now)).toBeNull();
    });

    it('tells every listener of every end, whoever claimed it, and nobody who has left', async () => {
      const { clock, store, start, end } = await openWith(openStore);
      const heard: string[] = [];
      store.onEnd(() => {
        throw new Error('a listener in trouble');
      });
      store.onEnd(({ session, why }: EndedSession) => void heard.push(`${session.id} ${why}`));
      const leave = store.onEnd(({ session }) => void heard.push(`gone ${session.id}`));
      leave();
      await start({ id: 's1', actor: person('a1'), subject: person('c1') });
      await start({ id: 's2', actor: person('a2'), subject: person('c2') });
      await start({ id: 's3', actor: person('a3'), subject: person('c3') });
      await end('s1', 'signed_out');
      clock.now += 30 * minute;
      await start({ id: 's4', actor: person('a2'), subject: person('c4') });
      await store.sweep(clock.now);
      expect(heard).toEqual(['s1 signed_out', 's2 idle_timeout', 's3 idle_timeout']);
    });

    it('passes a live session at the commit point with its jar, and slides it only where asked', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1' });
      clock.now += 10 * minute;
      const looked = await store.commit(hashOf('s1'), clock.now, false);
      expect(looked?.session.idleExpiresAt).toBe(start0 + 30 * minute);
      expect(looked?.jar.text).toBeNull();
      await store.saveJar(hashOf('s1'), 'one', looked?.jar.version ?? -1);
      const slid = await store.commit(hashOf('s1'), clock.now, true);
      expect(slid?.session.idleExpiresAt).toBe(start0 + 40 * minute);
      expect(slid?.jar.text).toBe('one');
    });

    it('changes a live session, makes both of two changes at once, and slides nothing', async () => {
      const { clock, store } = await openWith(openStore);
      const session = newSession(facts({ id: 's1', pause: 'on_lock' }), clock.now);
      await store.start(session);
      clock.now += minute;
      await Promise.all([
        store.change('s1', { locked: true }, clock.now),
        store.change('s1', { cartIds: ['c1'] }, clock.now),
      ]);
      const changed = { ...session, locked: true, cartIds: ['c1'] };
      expect(await store.change('s1', { cartIds: ['c1'] }, clock.now)).toEqual(changed);
      expect(await store.list(clock.now)).toEqual([changed]);
      expect(await store.find(hashOf('s1'), clock.now)).toEqual({ kind: 'live', session: changed });
      expect(store.liveFor('sam', clock.now)?.locked).toBe(true);
      expect(store.liveWithCart('c1', clock.now)?.id).toBe('s1');
      expect(store.liveWithCart('c2', clock.now)).toBeNull();
    });

    it('keeps a jar as long as its session and no longer', async () => {
      const { store, start, end } = await openWith(openStore);
      await start({ id: 's1', actor: person('a1'), subject: person('c1') });
      await start({ id: 's2', actor: person('a2'), subject: person('c2') });
      const empty = await store.loadJar(hashOf('s1'));
      expect(empty?.text).toBeNull();
      const first = empty?.version ?? -1;
      await store.saveJar(hashOf('s1'), 'one', first);
      await store.saveJar(hashOf('s2'), 'two', first);
      expect((await store.loadJar(hashOf('s1')))?.text).toBe('one');
      await end('s1');
      expect(await store.loadJar(hashOf('s1'))).toBeNull();
      expect(await store.saveJar(hashOf('s1'), 'late', first)).toBe('ended');
      expect(await store.loadJar(hashOf('s1'))).toBeNull();
      expect((await store.loadJar(hashOf('s2')))?.text).toBe('two');
    });

    it('saves no jar over one that was saved since it was read', async () => {
      const { store, start } = await openWith(openStore);
      await start({ id: 's1' });
      const read = await store.loadJar(hashOf('s1'));
      const saved = await store.saveJar(hashOf('s1'), 'first', read?.version ?? -1);
      expect(await store.saveJar(hashOf('s1'), 'second', read?.version ?? -1)).toBe('changed');
      expect(await store.loadJar(hashOf('s1'))).toEqual(saved);
      expect(saved).toMatchObject({ text: 'first' });
    });

    it('gives a seat to who may take it over, and ends the session that held it at that moment', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1', actor: person('mia'), subject: person('sam') });
      clock.now += minute;
      const next = newSession(facts({ id: 's2', actor: person('max'), subject: person('sam') }), clock.now);
      expect(await store.start(next, ['s1'])).toMatchObject({
        ok: true,
        ended: [{ session: { id: 's1' }, why: 'taken_over', endedAt: clock.now }],
      });
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('dead');
      expect(store.liveFor('sam', clock.now)?.id).toBe('s2');
      expect(await store.end('s1', 'stopped', clock.now)).toBeNull();
    });

    it('ends the sessions in the way of a takeover both or neither', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 'own', actor: person('max'), subject: person('sue') });
      await start({ id: 'other', actor: person('mia'), subject: person('sam') });
      const next = newSession(facts({ id: 's3', actor: person('max'), subject: person('sam') }), clock.now);
      expect(await store.start(next, ['own'])).toMatchObject({
        ok: false,
        taken: { by: 'subject', session: { id: 'other' } },
      });
      expect((await store.find(hashOf('own'), clock.now)).kind).toBe('live');
      const taken = await store.start(next, ['own', 'other']);
      const ended = taken.ok ? taken.ended.map(({ session, why }) => `${session.id} ${why}`) : [];
      expect(ended).toEqual(['own stopped', 'other taken_over']);
      expect((await store.list(clock.now)).map(({ id }) => id)).toEqual(['s3']);
    });

    it('ends nothing that is not in the way, though it was named', async () => {
      const { clock, store, start } = await openWith(openStore);
      await start({ id: 's1', actor: person('mia'), subject: person('sue') });
      const next = newSession(facts({ id: 's2', actor: person('max'), subject: person('sam') }), clock.now);
      expect(await store.start(next, ['s1', 'unknown'])).toMatchObject({ ok: true, ended: [] });
      expect((await store.find(hashOf('s1'), clock.now)).kind).toBe('live');
    });

    it('agrees with the pure rules about touches and ends', async () => {
      const { clock, store, touch } = await openWith(openStore);
      let session = newSession(facts({ id: 's1' }), clock.now);
      await store.start(session);
      for (const step of [7, 22, 29, 1, 29, 29, 3].map((minutes) => minutes * minute)) {
        clock.now += step;
        session = touched(session, clock.now);
        expect(await touch(session.tokenHash)).toEqual(
          whyEnded(session, clock.now) === null ? session : null,
        );
      }
    });
  });
}
