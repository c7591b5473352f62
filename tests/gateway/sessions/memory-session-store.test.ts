import { describe, expect, it } from 'vitest';
import { createMemorySessionStore, newSession } from '../../../gateway/sessions/index.ts';
import { facts, hashOf, hour, person } from '../../contract/session-store.facts.ts';
import { sessionStoreContract } from '../../contract/session-store.contract.ts';
import { checkRandomLives } from '../../contract/session-store.model.ts';

sessionStoreContract('in memory', async () => createMemorySessionStore());

describe('the session store in memory', () => {
  it('never seats two, never ends twice and never forgets an end, in any order of events', async () => {
    await expect(checkRandomLives(async () => createMemorySessionStore(), 500)).resolves.toBeUndefined();
  });

  it('remembers no more ended sessions than it was told to, the latest of them', async () => {
    const store = createMemorySessionStore({ remembered: 2 });
    for (const id of ['s1', 's2', 's3']) {
      await store.start(newSession(facts({ id, actor: person(id), subject: person(id) }), 0));
      await store.end(id, 'stopped', 1);
    }
    expect(await store.find(hashOf('s1'), 2)).toEqual({ kind: 'dead', ended: null });
    expect(await store.find(hashOf('s2'), 2)).toMatchObject({ kind: 'dead', ended: { why: 'stopped' } });
    expect(await store.find(hashOf('s3'), 2)).toMatchObject({ kind: 'dead', ended: { why: 'stopped' } });
  });

  it('forgets an ended session a day after its absolute expiry', async () => {
    const store = createMemorySessionStore();
    await store.start(newSession(facts({ id: 's1' }), 0));
    await store.end('s1', 'stopped', 1);
    await store.sweep(26 * hour - 1);
    expect(await store.find(hashOf('s1'), 26 * hour)).toMatchObject({ ended: { why: 'stopped' } });
    await store.sweep(26 * hour);
    expect(await store.find(hashOf('s1'), 26 * hour)).toEqual({ kind: 'dead', ended: null });
  });
});
