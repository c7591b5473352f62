/** Where act-as links are kept until their time is over. Every change is atomic; one contract suite runs against each store. */
import type { ActAsLink } from './link.ts';

/** @throws SessionsUnavailableError from any method when the store cannot answer. */
export interface LinkStore {
  /** False where there is no room for more. */
  add(link: ActAsLink): Promise<boolean>;
  /** In whatever state it is; null when it was never known or is forgotten. */
  find(secretHash: string): Promise<ActAsLink | null>;
  /** By its public id, as `find`. */
  get(id: string): Promise<ActAsLink | null>;
  /** Takes an open link that is not expired; everyone else, at whatever instance, gets null until it is given back. */
  claim(id: string, now: number): Promise<ActAsLink | null>;
  /** What came of a claim: used for good, or open again. False where it was revoked meanwhile: it stays so. */
  settle(id: string, state: 'used' | 'open'): Promise<boolean>;
  /** The link as it was revoked, or null where there was nothing left to revoke. */
  revoke(id: string, now: number): Promise<ActAsLink | null>;
  /** Those that can still be used, oldest first. */
  list(now: number): Promise<readonly ActAsLink[]>;
}

/** How long a link is known after its time, so that whoever comes late is told why, milliseconds. */
export const REMEMBERED_MS = 24 * 60 * 60_000;
