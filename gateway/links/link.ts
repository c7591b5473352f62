/** An act-as link: one seat for one named member of staff, to be taken once, before a set time. */
import { hash } from 'node:crypto';

export type LinkPerson = { readonly id: string; readonly name: string; readonly email: string };

export type LinkState =
  | 'open'
  /** Somebody is starting by it at this moment. */
  | 'claimed'
  | 'used'
  | 'revoked';

export type ActAsLink = {
  /** Public id (UUID) for record and screens; of no use as a credential. */
  readonly id: string;
  /** SHA-256, hex, of the secret in the address; the secret itself is never stored. */
  readonly secretHash: string;
  /** Id of the one person who may use it, as the app knows them. */
  readonly actorId: string;
  readonly subject: LinkPerson;
  readonly market: { readonly id: string; readonly name: string } | null;
  readonly reason: string | null;
  readonly createdBy: LinkPerson;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The first instant at which it is of no use. */
  readonly expiresAt: number;
  readonly state: LinkState;
};

export type LinkFault = 'used' | 'revoked' | 'expired';

/** What is wrong with a link at `now`, or null. One that is being used counts as used. */
export function linkFault(link: ActAsLink, now: number): LinkFault | null {
  if (link.state === 'revoked') return 'revoked';
  if (link.state !== 'open') return 'used';
  return now < link.expiresAt ? null : 'expired';
}

/** 43 characters of base64url: 256 random bits. `randomBytes` must be cryptographically strong. */
export function newLinkSecret(randomBytes: (size: number) => Buffer): string {
  return randomBytes(32).toString('base64url');
}

/** Null for what could not be a secret of ours. Hashed under a name of its own: no other token of ours opens a link. */
export function linkSecretHash(secret: string): string | null {
  return /^[A-Za-z0-9_-]{43}$/.test(secret) ? hash('sha256', `act-as link ${secret}`, 'hex') : null;
}
