/** Links in this process's own memory, for one gateway on one machine; gone when it stops. */
import { linkFault, type ActAsLink } from './link.ts';
import { REMEMBERED_MS, type LinkStore } from './link-store.ts';

// Each method does all its work in one turn of the event loop: that is the atomicity.
export function createMemoryLinkStore({ most = 10_000 }: { readonly most?: number } = {}): LinkStore {
  const byId = new Map<string, ActAsLink>();
  const idOf = new Map<string, string>();

  function keep(link: ActAsLink): ActAsLink {
    byId.set(link.id, link);
    return link;
  }

  function forget(those: (link: ActAsLink) => boolean): void {
    for (const link of byId.values()) {
      if (!those(link)) continue;
      byId.delete(link.id);
      idOf.delete(link.secretHash);
    }
  }

  /** Whoever comes late is told why as long as there is room for that; only what can still be used keeps others out. */
  function makeRoom(now: number): void {
    if (byId.size >= most) forget(({ expiresAt }) => expiresAt + REMEMBERED_MS <= now);
    if (byId.size >= most) forget((link) => link.state !== 'claimed' && linkFault(link, now) !== null);
  }

  return {
    async add(link) {
      makeRoom(link.createdAt);
      if (byId.size >= most) return false;
      idOf.set(keep(link).secretHash, link.id);
      return true;
    },
    async find(secretHash) {
      return byId.get(idOf.get(secretHash) ?? '') ?? null;
    },
    async get(id) {
      return byId.get(id) ?? null;
    },
    async claim(id, now) {
      const link = byId.get(id);
      if (link === undefined || linkFault(link, now) !== null) return null;
      return keep({ ...link, state: 'claimed' });
    },
    async settle(id, state) {
      const link = byId.get(id);
      if (link?.state !== 'claimed') return false;
      keep({ ...link, state });
      return true;
    },
    async revoke(id, now) {
      const link = byId.get(id);
      const revocable = link?.state === 'open' || link?.state === 'claimed';
      if (link === undefined || !revocable || now >= link.expiresAt) return null;
      return keep({ ...link, state: 'revoked' });
    },
    async list(now) {
      return [...byId.values()].filter((link) => linkFault(link, now) === null);
    },
  };
}
