import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSessionJars } from '../../../gateway/jar/index.ts';
import {
  createMemorySessionStore,
  newSession,
  SessionsUnavailableError,
} from '../../../gateway/sessions/index.ts';
import { facts, hashOf, person } from '../../contract/session-store.facts.ts';

const token = hashOf('s1');

async function opened() {
  const store = createMemorySessionStore();
  await store.start(newSession(facts({ id: 's1', actor: person('a1'), subject: person('c1') }), 0));
  await store.start(newSession(facts({ id: 's2', actor: person('a2'), subject: person('c2') }), 0));
  const state = { down: false };
  // A store across a network: every call takes a few turns.
  const sessions = {
    loadJar: async (hash: string) => {
      await turn();
      if (state.down) throw new SessionsUnavailableError();
      return store.loadJar(hash);
    },
    saveJar: async (hash: string, jar: string, madeFrom: number) => {
      await turn();
      await turn();
      return store.saveJar(hash, jar, madeFrom);
    },
    onEnd: (listener: Parameters<typeof store.onEnd>[0]) => store.onEnd(listener),
  };
  const deps = { sessions, publicOrigin: 'http://localhost:8080', clock: () => 0 };
  return { store, state, deps, jars: createSessionJars(deps) };
}

describe('the jars of sessions', () => {
  it('give each session its own cookies and no other', async () => {
    const { jars } = await opened();
    await jars.store(token, ['sid=sam; Path=/'], '/');
    await jars.store(hashOf('s2'), ['sid=sue; Path=/'], '/');
    expect(await jars.cookieHeader(token, '/cart')).toBe('sid=sam');
    expect(await jars.cookieHeader(hashOf('s2'), '/cart')).toBe('sid=sue');
    expect(await jars.cookieHeader(hashOf('s3'), '/cart')).toBeNull();
  });

  it('keep every cookie of answers that arrive together', async () => {
    const { jars } = await opened();
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => jars.store(token, [`c${String(n)}=1; Path=/`], '/')),
    );
    expect((await jars.cookieHeader(token, '/'))?.split('; ')).toHaveLength(30);
  });

  it('let a request carry the cookies of an answer that came before it', async () => {
    const { jars } = await opened();
    const storing = jars.store(token, ['csrf=1; Path=/'], '/');
    expect(await jars.cookieHeader(token, '/')).toBe('csrf=1');
    await storing;
  });

  it('see at once what another instance has stored', async () => {
    const { jars, deps } = await opened();
    const other = createSessionJars(deps);
    await jars.store(token, ['a=1; Path=/'], '/');
    expect(await other.cookieHeader(token, '/')).toBe('a=1');
    await other.store(token, ['a=2; Path=/', 'b=1; Path=/'], '/');
    expect(await jars.cookieHeader(token, '/')).toBe('a=2; b=1');
    await jars.store(token, ['c=1; Path=/'], '/');
    expect(await other.cookieHeader(token, '/')).toBe('a=2; b=1; c=1');
  });

  it('keep every cookie of answers that arrive on several instances together', async () => {
    const { jars, deps } = await opened();
    const instances = [jars, createSessionJars(deps), createSessionJars(deps)];
    await Promise.all(
      instances.flatMap((one, n) =>
        Array.from({ length: 5 }, (_, m) => one.store(token, [`c${String(n)}-${String(m)}=1; Path=/`], '/')),
      ),
    );
    for (const one of instances) expect((await one.cookieHeader(token, '/'))?.split('; ')).toHaveLength(15);
  });

  it('are empty once the session has ended, and stay so', async () => {
    const { jars, store } = await opened();
    await jars.store(token, ['a=1; Path=/'], '/');
    await jars.cookieHeader(token, '/');
    await store.end('s1', 'stopped', 1);
    expect(await jars.cookieHeader(token, '/')).toBeNull();
    await jars.store(token, ['late=1; Path=/'], '/');
    expect(await jars.cookieHeader(token, '/')).toBeNull();
  });

  it('pass on that the store cannot answer, and work again when it can', async () => {
    const { jars, state } = await opened();
    state.down = true;
    await expect(jars.cookieHeader(token, '/')).rejects.toThrow(SessionsUnavailableError);
    const failing = jars.store(token, ['a=1; Path=/'], '/');
    await expect(failing).rejects.toThrow(SessionsUnavailableError);
    state.down = false;
    await jars.store(token, ['b=1; Path=/'], '/');
    expect(await jars.cookieHeader(token, '/')).toBe('b=1');
  });

  it('do not write a jar that nothing has changed in', async () => {
    const { deps } = await opened();
    let saved = 0;
    const jars = createSessionJars({
      ...deps,
      sessions: {
        ...deps.sessions,
        saveJar: async () => {
          saved += 1;
          return 'ended' as const;
        },
      },
    });
    await jars.store(token, [], '/');
    await jars.store(token, ['bad', 'x=1; Domain=evil.example', 'act_as=1'], '/');
    expect(saved).toBe(0);
  });
});
