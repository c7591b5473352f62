/** What every place for act-as links promises; run against each. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ActAsLink } from '../../gateway/links/link.ts';
import type { OpenSessionStore } from './session-store.contract.ts';

const NOON = Date.UTC(2026, 3, 18, 16, 0, 0);
const HOUR = 3_600_000;

const person = (id: string) => ({ id, name: id, email: `${id}@valley.example` });
const made = (id: string): ActAsLink => ({
  id,
  secretHash: `hash-of-${id}`,
  actorId: 'mo',
  subject: person('sam'),
  market: { id: 'valley', name: 'Valley' },
  reason: 'Call back',
  createdBy: person('mia'),
  createdAt: NOON,
  expiresAt: NOON + HOUR,
  state: 'open',
});

export function linkStoreContract(name: string, openStore: OpenSessionStore): void {
  const open = async () => {
    const clock = { now: NOON };
    const store = await openStore(clock);
    onTestFinished(() => store.close());
    return { clock, links: store.links };
  };

  describe(`${name}: act-as links`, () => {
    it('are found by their secret’s hash, by their public id, and by neither in the other’s place', async () => {
      const { links } = await open();
      expect(await links.add(made('l1'))).toBe(true);
      expect(await links.find('hash-of-l1')).toEqual(made('l1'));
      expect(await links.find('l1')).toBeNull();
      expect(await links.get('l1')).toEqual(made('l1'));
      expect(await links.get('hash-of-l1')).toBeNull();
      expect(await links.find('hash-of-l2')).toBeNull();
    });

    it('are claimed by one of many, given back or used up', async () => {
      const { links } = await open();
      await links.add(made('l1'));
      const claims = await Promise.all(Array.from({ length: 20 }, () => links.claim('l1', NOON)));
      expect(claims.filter((one) => one !== null)).toEqual([{ ...made('l1'), state: 'claimed' }]);
      expect(await links.list(NOON)).toEqual([]);
      await links.settle('l1', 'open');
      expect(await links.list(NOON)).toEqual([made('l1')]);
      expect((await links.claim('l1', NOON))?.state).toBe('claimed');
      expect((await links.get('l1'))?.state).toBe('claimed');
      expect(await links.settle('l1', 'used')).toBe(true);
      expect(await links.settle('l1', 'open')).toBe(false);
      expect((await links.find('hash-of-l1'))?.state).toBe('used');
      expect(await links.claim('l1', NOON)).toBeNull();
      expect(await links.revoke('l1', NOON)).toBeNull();
    });

    it('stay revoked, though somebody was about to use them', async () => {
      const { links } = await open();
      await links.add(made('l1'));
      await links.claim('l1', NOON);
      expect((await links.revoke('l1', NOON))?.state).toBe('revoked');
      expect(await links.settle('l1', 'open')).toBe(false);
      expect(await links.settle('l1', 'used')).toBe(false);
      expect((await links.find('hash-of-l1'))?.state).toBe('revoked');
      expect(await links.claim('l1', NOON)).toBeNull();
      expect(await links.revoke('l1', NOON)).toBeNull();
    });

    it('are of no use from the instant of their expiry, and are still known then', async () => {
      const { clock, links } = await open();
      await links.add(made('l1'));
      clock.now = NOON + HOUR - 1;
      expect(await links.list(clock.now)).toHaveLength(1);
      clock.now = NOON + HOUR;
      expect(await links.claim('l1', clock.now)).toBeNull();
      expect(await links.revoke('l1', clock.now)).toBeNull();
      expect(await links.list(clock.now)).toEqual([]);
      expect(await links.find('hash-of-l1')).toEqual(made('l1'));
    });

    it('are listed in the order in which they were made', async () => {
      const { links } = await open();
      const second = { ...made('l2'), createdAt: NOON + 1, expiresAt: NOON + HOUR / 2 };
      await links.add(made('l1'));
      await links.add(second);
      expect((await links.list(NOON + 1)).map(({ id }) => id)).toEqual(['l1', 'l2']);
    });

    it('are nobody’s when they are unknown', async () => {
      const { links } = await open();
      expect(await links.claim('none', NOON)).toBeNull();
      expect(await links.revoke('none', NOON)).toBeNull();
      expect(await links.settle('none', 'used')).toBe(false);
      expect(await links.get('none')).toBeNull();
      expect(await links.find('none')).toBeNull();
    });
  });
}
