import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createDelegation,
  delegationSchema,
  openKeyRing,
  type KeyRing,
} from '../../../gateway/delegation/index.ts';
import { newSession } from '../../../gateway/sessions/index.ts';
import { facts, hour, minute, person } from '../../contract/session-store.facts.ts';

const begin = Date.UTC(2026, 3, 18);
const session = newSession(
  facts({ id: 's1', actor: { ...person('mia'), roles: ['market_manager'] }, subject: person('sam') }),
  begin,
);

const folders: string[] = [];
const rings = new Map<string, KeyRing>();
beforeAll(async () => {
  for (const algorithm of ['EdDSA', 'ES256'] as const) {
    const folder = await mkdtemp(join(tmpdir(), 'understudy-keys-'));
    folders.push(folder);
    rings.set(algorithm, await openKeyRing(folder, algorithm));
  }
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

function opened(overrides: object = {}, algorithm = 'EdDSA') {
  const clock = { now: begin };
  const keys = rings.get(algorithm);
  if (keys === undefined) throw new Error('no such ring');
  const delegation = createDelegation(
    delegationSchema.parse({ kind: 'token', audience: 'market', algorithm, ...overrides }),
    { keys, issuer: 'https://market.example', clock: () => clock.now, randomUUID },
  );
  const token = async (of = session) =>
    ((await delegation.headers(of))['authorization'] ?? '').replace('Bearer ', '');
  return { clock, keys, delegation, token };
}

describe('a subject token', () => {
  it.each(['EdDSA', 'ES256'])(
    'signed with %s verifies against the published keys and names both people',
    async (algorithm) => {
      const { keys, token } = opened({}, algorithm);
      const { payload, protectedHeader } = await jwtVerify(
        await token(),
        createLocalJWKSet({ keys: [...keys.jwks().keys] }),
        {
          issuer: 'https://market.example',
          audience: 'market',
          typ: 'at+jwt',
          currentDate: new Date(begin),
        },
      );
      expect(protectedHeader).toEqual({ alg: algorithm, kid: keys.signing().kid, typ: 'at+jwt' });
      const { jti, ...rest } = payload;
      expect(jti).toMatch(/^[0-9a-f-]{36}$/);
      expect(rest).toEqual({
        iss: 'https://market.example',
        aud: 'market',
        sub: 'sam',
        act: { sub: 'mia', name: 'mia', email: 'mia@valley.example', roles: ['market_manager'] },
        sid: 's1',
        iat: begin / 1000,
        exp: begin / 1000 + 60,
      });
    },
  );

  it('goes where the configuration says', async () => {
    const { delegation } = opened({ header: 'x-acting-token', scheme: '' });
    const headers = await delegation.headers(session);
    expect(Object.keys(headers)).toEqual(['x-acting-token']);
    expect(decodeProtectedHeader(headers['x-acting-token'] ?? '')).toMatchObject({ typ: 'at+jwt' });
  });

  it('takes the issuer from the configuration where it names one', async () => {
    const { token } = opened({ issuer: 'gateway' });
    expect(decodeJwt(await token()).iss).toBe('gateway');
  });

  it('is reused while at least a third of its life is left, and no longer', async () => {
    const { clock, token } = opened();
    const first = await token();
    clock.now = begin + 40_000;
    expect(await token()).toBe(first);
    clock.now += 1;
    const second = await token();
    expect(second).not.toBe(first);
    expect(decodeJwt(second).jti).not.toBe(decodeJwt(first).jti);
    expect(decodeJwt(second).exp).toBe(begin / 1000 + 100);
  });

  it('is made once for requests that come together', async () => {
    const { token } = opened();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => token()))).size).toBe(1);
  });

  it('is never shared between sessions, even of the same two people', async () => {
    const { token } = opened();
    const first = decodeJwt(await token());
    const second = decodeJwt(await token({ ...session, id: 's2' }));
    expect([first['sid'], second['sid']]).toEqual(['s1', 's2']);
    expect(first.jti).not.toBe(second.jti);
  });

  it('never outlives its session', async () => {
    const { clock, token } = opened();
    clock.now = begin + 2 * hour - 10_000;
    expect(decodeJwt(await token()).exp).toBe((begin + 2 * hour) / 1000);
  });

  it('is made anew when the session was forgotten or the clock was set back', async () => {
    const { clock, delegation, token } = opened();
    const first = await token();
    delegation.forget('s1');
    const second = await token();
    expect(second).not.toBe(first);
    clock.now -= hour;
    expect(decodeJwt(await token()).exp).toBe((begin - hour) / 1000 + 60);
  });

  it('lives between one second and a minute and is fresh when handed out, at any moment of a session', async () => {
    const { clock, token, delegation } = opened({ lifetime: '59900ms' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 * hour - 1 }), fc.boolean(), async (at, forget) => {
        clock.now = begin + at;
        if (forget) delegation.forget('s1');
        const { iat = 0, exp = 0 } = decodeJwt(await token());
        expect(exp - iat).toBeGreaterThanOrEqual(1);
        expect(exp - iat).toBeLessThanOrEqual(60);
        expect(iat * 1000).toBeLessThanOrEqual(clock.now);
        expect(exp * 1000).toBeGreaterThan(clock.now);
        expect(exp * 1000).toBeLessThanOrEqual(Math.ceil((begin + 2 * hour) / 1000) * 1000);
      }),
      { numRuns: 100 },
    );
  });

  it('is kept for many sessions without end to its memory', async () => {
    const { clock, delegation, token } = opened();
    for (let n = 0; n < 1_100; n += 1) {
      clock.now += 100;
      await delegation.headers({ ...session, id: `s${String(n)}` });
    }
    expect(decodeJwt(await token({ ...session, id: 's1099' }))['sid']).toBe('s1099');
  });
});

describe('delegation in gateway.yaml', () => {
  const settings = { kind: 'token', audience: 'market' };
  it.each<[string, object]>([
    ['a life of more than a minute', { ...settings, lifetime: '61s' }],
    ['a life too short to be used', { ...settings, lifetime: '1s' }],
    ['no audience', { kind: 'token' }],
    ['an algorithm that is not signed with a key of ours', { ...settings, algorithm: 'HS256' }],
    ['a header name with a line break', { ...settings, header: 'a\nb' }],
    ['an unknown key', { ...settings, lifetme: '30s' }],
  ])('refuses %s', (_, config) => {
    expect(delegationSchema.safeParse(config).success).toBe(false);
  });

  it('fills in what is safe', () => {
    expect(delegationSchema.parse(settings)).toEqual({
      ...settings,
      algorithm: 'EdDSA',
      lifetime: minute,
      header: 'authorization',
      scheme: 'Bearer',
    });
  });
});
