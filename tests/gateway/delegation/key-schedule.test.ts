/**
 * The story: on the night of the rotation every app that had fetched the keys a minute before refused every request for
 * five. A key is published for longer than anybody remembers the keys before it signs, and stays until the last token is dead.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isDead,
  keyName,
  parseKeyName,
  PUBLISHED_BEFORE_USE_MS,
  signingAt,
} from '../../../gateway/delegation/key-schedule.ts';

const MINUTE = 60_000;
const TOKEN_LIFE = MINUTE;
/** How long apps may keep the published keys. */
const KEPT = 5 * MINUTE;
const FROM = 1_000 * MINUTE;

const old = { name: 'old', algorithm: 'EdDSA' as const, from: 0 };
const fresh = { name: 'fresh', algorithm: 'EdDSA' as const, from: FROM };

/** What is published at this moment, the new key having been made when it had to be. */
function publishedAt(now: number) {
  const made = now >= FROM - PUBLISHED_BEFORE_USE_MS ? [old, fresh] : [old];
  return made.filter((key) => !isDead(key, made, now));
}

describe('while a key is renewed', () => {
  it('no token is unknown to an app that fetches the keys every five minutes and at no other time', () => {
    const around = fc.integer({ min: FROM - 20 * MINUTE, max: FROM + 20 * MINUTE });
    const sometime = (most: number) => fc.integer({ min: 0, max: most });
    fc.assert(
      fc.property(around, sometime(TOKEN_LIFE), sometime(KEPT), (signed, later, ago) => {
        const signer = signingAt([old, fresh], 'EdDSA', signed);
        const known = publishedAt(signed + later - ago);
        expect(known).toContain(signer);
      }),
      { numRuns: 2000 },
    );
  });

  it('nor is one refused where clocks differ by half a minute', () => {
    for (const skew of [-30_000, 30_000])
      for (let signed = FROM - 5 * MINUTE; signed < FROM + 5 * MINUTE; signed += 1_000) {
        const signer = signingAt([old, fresh], 'EdDSA', signed + skew);
        expect(publishedAt(signed + TOKEN_LIFE)).toContain(signer);
        expect(publishedAt(signed - KEPT)).toContain(signer);
      }
  });

  it('the old one is gone two minutes after the new one signs', () => {
    expect(publishedAt(FROM + 2 * MINUTE)).toContain(old);
    expect(publishedAt(FROM + 2 * MINUTE + 1)).toEqual([fresh]);
  });
});

describe('the name of a key file', () => {
  it('says which algorithm it is for and from when it signs, to the second', () => {
    const from = Date.parse('2026-04-14T16:06:00Z');
    expect(keyName('ES256', from)).toBe('subject-token-es256-from-20260414T160600Z.pem');
    expect(parseKeyName(keyName('ES256', from))).toMatchObject({ algorithm: 'ES256', from });
    expect(parseKeyName(keyName('EdDSA'))).toMatchObject({ algorithm: 'EdDSA', from: 0 });
  });

  it.each([
    ['subject-token-old.pem', { algorithm: null, from: null }],
    ['subject-token-eddsa-from-20261399T000000Z.pem', { algorithm: null, from: null }],
    ['subject-token-eddsa-from-tomorrow.pem', { algorithm: null, from: null }],
    ['checkpoint-ed25519.pem', null],
    ['subject-token-eddsa.pem.5f.draft', null],
  ])('%s', (name, meaning) => {
    expect(parseKeyName(name)).toEqual(meaning === null ? null : { name, ...meaning });
  });
});
