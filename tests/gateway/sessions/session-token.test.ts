import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isSessionCookieName,
  isSessionToken,
  newSessionToken,
  sessionCookieName,
  tokenHash,
} from '../../../gateway/sessions/index.ts';

describe('a session token', () => {
  it('carries 256 bits from the given source in base64url', () => {
    const asked: number[] = [];
    const token = newSessionToken((size) => {
      asked.push(size);
      return Buffer.alloc(size, 0xfb);
    });
    expect(asked).toEqual([32]);
    expect(Buffer.from(token, 'base64url')).toEqual(Buffer.alloc(32, 0xfb));
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('is recognised by its shape and by nothing else', () => {
    const token = newSessionToken(randomBytes);
    expect(isSessionToken(token)).toBe(true);
    for (const other of [
      '',
      token.slice(1),
      `${token}x`,
      `${token}\n`,
      `"${token}"`,
      token.replace(/^./, '+'),
    ]) {
      expect(isSessionToken(other)).toBe(false);
    }
  });

  it('is known by its SHA-256', () => {
    expect(tokenHash('abc')).toBe(createHash('sha256').update('abc').digest('hex'));
    expect(tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('the act-as cookie', () => {
  it('bears the __Host- prefix where the site is served over HTTPS', () => {
    expect(sessionCookieName(true)).toBe('__Host-act_as');
    expect(sessionCookieName(false)).toBe('act_as');
  });

  it('is ours in whatever case it is written, and no other is', () => {
    for (const name of ['act_as', 'ACT_AS', '__Host-act_as', '__host-Act_As'])
      expect(isSessionCookieName(name)).toBe(true);
    for (const name of ['act_as2', 'xact_as', '__Secure-act_as', ''])
      expect(isSessionCookieName(name)).toBe(false);
  });
});
