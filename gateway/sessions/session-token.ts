/** The opaque value of the act-as cookie: 256 random bits, of which only the hash is ever kept. */
import { hash } from 'node:crypto';

const tokenBytes = 32;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** A fresh token in base64url, 43 characters. `randomBytes` must be cryptographically strong. */
export function newSessionToken(randomBytes: (size: number) => Buffer): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** Whether a presented cookie value could be a token of ours at all; what could not needs no look-up. */
export function isSessionToken(value: string): boolean {
  return tokenShape.test(value);
}

/** SHA-256 in lower-case hex: the only form in which a token is stored or looked up. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex');
}
