import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { createIdentityProvider, identitySchema, type Credential } from '../../../gateway/identity/index.ts';
import { credential, fakeUpstream, json, sendJson } from './fake-upstream.ts';

const now = Date.UTC(2026, 3, 18);
const seconds = now / 1000;
const secret = 'a shared secret of thirty-two bytes or more';
const person = { id: '/sub', name: '/name', roles: '/roles' };
const claims = { sub: 'mia', name: 'Mia', roles: ['market_manager'], exp: seconds + 60 };
const known = { kind: 'known', identity: { id: 'mia', name: 'Mia', roles: ['market_manager'] } };
const stranger = { kind: 'anonymous' };

function sign(
  payload: JWTPayload,
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string; typ?: string },
) {
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
}

const bytes = new TextEncoder().encode(secret);
const signed = (payload: JWTPayload = claims, header: object = {}) =>
  sign(payload, bytes, { alg: 'HS256', ...header });
const inCookie = (token: string): Credential => credential({ cookie: `theme=dark; token=${token}` });

async function withSecret(overrides: object = {}) {
  const upstream = await fakeUpstream(json({}));
  const config = identitySchema.parse({
    kind: 'jwt',
    from: [{ cookie: 'token' }],
    secret,
    person,
    ...overrides,
  });
  return { upstream, provider: createIdentityProvider(config, { ...upstream, clock: () => now }) };
}

async function withKeys(overrides: object = {}) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const upstream = await fakeUpstream(json({ keys: [jwk] }));
  const config = identitySchema.parse({
    kind: 'jwt',
    from: [{ header: 'authorization' }],
    jwks: '/keys.json',
    algorithms: ['ES256'],
    person,
    ...overrides,
  });
  return {
    upstream,
    jwk,
    privateKey,
    provider: createIdentityProvider(config, { ...upstream, clock: () => now }),
  };
}

describe('JWT identity with a shared secret', () => {
  it("reads a person from the app's own token in a cookie", async () => {
    const { provider } = await withSecret();
    expect(await provider.identify(inCookie(await signed()), 0)).toMatchObject(known);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['rubbish', () => 'x.y.z'],
    ['an expired token', () => signed({ ...claims, exp: seconds - 6 })],
    ['a token that never expires', () => signed({ sub: 'mia', name: 'Mia', roles: [] })],
    ['a token that is not valid yet', () => signed({ ...claims, nbf: seconds + 30 })],
    [
      'a token by another secret',
      () => sign(claims, new TextEncoder().encode(`${secret}!`), { alg: 'HS256' }),
    ],
    ['an unsigned token', () => new UnsecuredJWT(claims).encode()],
    ['a token by another algorithm', () => sign(claims, bytes, { alg: 'HS512' })],
    ['a token that is a subject token', () => signed({ ...claims, act: { sub: 'max' } })],
    ['a token whose subject token mark is empty', () => signed({ ...claims, act: null })],
    [
      'a changed token',
      async () =>
        (await signed()).replace(/\.[^.]+\./, `.${btoa(JSON.stringify({ ...claims, sub: 'root' }))}.`),
    ],
  ])('takes %s for a stranger', async (_, token) => {
    const { provider } = await withSecret();
    expect(await provider.identify(inCookie(await token()), 0)).toEqual(stranger);
  });

  it('allows the clocks to differ a little', async () => {
    const { provider } = await withSecret();
    expect(await provider.identify(inCookie(await signed({ ...claims, exp: seconds - 4 })), 0)).toMatchObject(
      known,
    );
  });

  it('checks issuer and audience where they are configured', async () => {
    const { provider } = await withSecret({ issuer: 'market', audience: 'web' });
    const answer = async (payload: JWTPayload) => provider.identify(inCookie(await signed(payload)), 0);
    expect(await answer({ ...claims, iss: 'market', aud: 'web' })).toMatchObject(known);
    expect(await answer({ ...claims, iss: 'market', aud: 'api' })).toEqual(stranger);
    expect(await answer({ ...claims, iss: 'other', aud: 'web' })).toEqual(stranger);
    expect(await answer(claims)).toEqual(stranger);
  });

  it('takes the first token that verifies, in the order of the configuration', async () => {
    const { provider } = await withSecret({ from: [{ cookie: 'token' }, { header: 'x-token' }] });
    const mia = await signed();
    const max = await signed({ ...claims, sub: 'max' });
    const ask = (cookie: string, header?: string) =>
      provider.identify(
        credential({ cookie, headers: header === undefined ? {} : { 'x-token': header } }),
        0,
      );
    expect(await ask(`token=${mia}; token=${max}`, max)).toMatchObject({ identity: { id: 'mia' } });
    expect(await ask(`token=broken; token=${max}`, mia)).toMatchObject({ identity: { id: 'max' } });
    expect(await ask('token=', mia)).toMatchObject({ identity: { id: 'mia' } });
    expect(await ask(Array.from({ length: 9 }, () => 'token=x').join('; '))).toMatchObject({
      kind: 'unavailable',
    });
  });

  it('asks nobody about anything', async () => {
    const { provider, upstream } = await withSecret();
    expect(await provider.identify(credential(), 0)).toEqual(stranger);
    await provider.identify(inCookie(await signed()), 0);
    expect(upstream.asked).toHaveLength(0);
  });

  it('says when a good token does not have the configured shape', async () => {
    const { provider } = await withSecret();
    expect(await provider.identify(inCookie(await signed({ ...claims, roles: 7 })), 0)).toEqual({
      kind: 'unavailable',
      cause: 'no usable roles in the answer',
      because: 'question',
    });
  });
});

describe("JWT identity with the app's published keys", () => {
  it('verifies a bearer by a key from the app, which it fetches once', async () => {
    const { provider, upstream, privateKey } = await withKeys();
    const authorization = `Bearer ${await sign(claims, privateKey, { alg: 'ES256', kid: 'k1' })}`;
    for (let n = 0; n < 3; n += 1) {
      expect(await provider.identify(credential({ authorization }), 0)).toMatchObject(known);
    }
    expect(upstream.asked.map(({ url }) => url)).toEqual(['/keys.json']);
  });

  it('takes a token by an unknown key for a stranger, and one signed with the public key as a secret', async () => {
    const { provider, jwk } = await withKeys();
    const { privateKey } = await generateKeyPair('ES256');
    const other = await sign(claims, privateKey, { alg: 'ES256', kid: 'k2' });
    expect(await provider.identify(credential({ authorization: `Bearer ${other}` }), 0)).toEqual(stranger);
    const confused = await sign(claims, new TextEncoder().encode(JSON.stringify(jwk)), {
      alg: 'HS256',
      kid: 'k1',
    });
    expect(await provider.identify(credential({ authorization: `Bearer ${confused}` }), 0)).toEqual(stranger);
  });

  it.each<[string, Parameters<typeof fakeUpstream>[0]]>([
    ['fails', json({}, 500)],
    ['is silent', () => undefined],
    ['sends no keys', json({ sorry: true })],
    ['redirects', (_, response) => void response.writeHead(302, { location: '/other' }).end()],
    ['sends HTML', (_, response) => void response.writeHead(200).end('<h1>')],
  ])('says nothing about anybody while the way to the keys %s', async (_, answer) => {
    const { provider, upstream, privateKey } = await withKeys({ timeout: '200ms' });
    upstream.answer = answer;
    const authorization = `Bearer ${await sign(claims, privateKey, { alg: 'ES256', kid: 'k1' })}`;
    expect((await provider.identify(credential({ authorization }), 0)).kind).toBe('unavailable');
  });

  it('recovers when the keys can be had again', async () => {
    const { provider, upstream, privateKey, jwk } = await withKeys();
    upstream.answer = json({}, 500);
    const authorization = `Bearer ${await sign(claims, privateKey, { alg: 'ES256', kid: 'k1' })}`;
    await provider.identify(credential({ authorization }), 0);
    upstream.answer = (_, response) => sendJson(response, { keys: [jwk] });
    expect(await provider.identify(credential({ authorization }), 0)).toMatchObject(known);
  });
});

describe('identity in gateway.yaml', () => {
  const jwt = { kind: 'jwt', from: [{ cookie: 'token' }], person };
  const introspect = { kind: 'introspect', path: '/api/me', cookies: ['sid'], person };
  it.each<[string, object]>([
    ['an unknown kind', { kind: 'magic' }],
    ['neither keys nor secret', jwt],
    ['keys and secret', { ...jwt, secret, jwks: '/keys', algorithms: ['ES256'] }],
    ['keys without algorithms', { ...jwt, jwks: '/keys' }],
    ['a secret of 31 bytes', { ...jwt, secret: 'x'.repeat(31) }],
    ['a symmetric algorithm with published keys', { ...jwt, jwks: '/keys', algorithms: ['HS256'] }],
    ['no algorithm at all', { ...jwt, jwks: '/keys', algorithms: ['none'] }],
    ['keys over plain http elsewhere', { ...jwt, jwks: 'http://keys.example/', algorithms: ['ES256'] }],
    ['nothing that proves anything', { ...introspect, cookies: undefined }],
    ['a path that is an address', { ...introspect, path: 'https://evil.example/' }],
    ['a path that begins with two slashes', { ...introspect, path: '//evil.example/' }],
    ['a fixed cookie', { ...introspect, headers: { cookie: 'a=1' } }],
    ['a misspelt key', { ...introspect, cookie: ['sid'] }],
    ['an endless timeout', { ...introspect, timeout: '1h' }],
  ])('refuses %s', (_, config) => {
    expect(identitySchema.safeParse(config).success).toBe(false);
  });

  it('fills in what is safe', () => {
    expect(identitySchema.parse(introspect)).toMatchObject({
      authorization: false,
      redirect_is_anonymous: false,
      timeout: 3000,
      headers: {},
    });
    expect(identitySchema.parse({ ...jwt, secret })).toMatchObject({ clock_tolerance: 5000, timeout: 3000 });
  });
});
