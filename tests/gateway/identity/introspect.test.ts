import { gzipSync } from 'node:zlib';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  createIdentityProvider,
  identitySchema,
  type IdentityAnswer,
} from '../../../gateway/identity/index.ts';
import { credential, fakeUpstream, json } from './fake-upstream.ts';

const mia = {
  user: {
    id: 'mia',
    name: 'Mia Marsh',
    email: 'mia@valley.example',
    roles: ['market_manager'],
    market: { id: 'valley', name: 'Valley Market' },
    active: true,
    claims: { can_edit_price: true },
  },
};

const person = {
  id: '/user/id',
  name: '/user/name',
  email: '/user/email',
  roles: '/user/roles',
  market: '/user/market/id',
  active: '/user/active',
  claims: '/user/claims',
};

const known: IdentityAnswer = {
  kind: 'known',
  identity: {
    id: 'mia',
    name: 'Mia Marsh',
    email: 'mia@valley.example',
    roles: ['market_manager'],
    market: 'valley',
    active: true,
    assignedTo: null,
    claims: { can_edit_price: true },
  },
};

const signedIn = credential({ cookie: 'market_session=m1' });

const redirect: RequestListener = (_, response) => void response.writeHead(302, { location: '/login' }).end();

const raw =
  (
    body: string | Buffer,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ): RequestListener =>
  (_, response) =>
    void response.writeHead(200, headers).end(body);

async function opened(answer: RequestListener, overrides: object = {}) {
  const clock = { now: 1_000_000 };
  const upstream = await fakeUpstream(answer);
  const config = identitySchema.parse({
    kind: 'introspect',
    path: '/api/me',
    cookies: ['market_session'],
    authorization: true,
    person,
    ...overrides,
  });
  const provider = createIdentityProvider(config, { ...upstream, clock: () => clock.now });
  return { clock, upstream, provider };
}

describe('introspection: what is asked', () => {
  it('reads who somebody is from the app', async () => {
    const { provider, upstream } = await opened(json(mia));
    expect(await provider.identify(signedIn, 0)).toEqual(known);
    expect(upstream.asked.map(({ method, url }) => `${String(method)} ${String(url)}`)).toEqual([
      'GET /api/me',
    ]);
  });

  it('asks nobody about a request that proves nothing', async () => {
    const { provider, upstream } = await opened(json(mia));
    for (const cookie of [null, '', 'theme=dark', 'act_as=x; __Host-act_as=y', 'xmarket_session=m1']) {
      expect(await provider.identify(credential({ cookie }), 0)).toEqual({ kind: 'anonymous' });
    }
    expect(upstream.asked).toHaveLength(0);
  });

  it('sends the named cookies and no other, and never one of ours', async () => {
    const { provider, upstream } = await opened(json(mia));
    await provider.identify(
      credential({
        cookie: 'theme=dark; market_session=m1; act_as=secret; __Host-act_as=secret; admin=root',
      }),
      0,
    );
    expect(upstream.asked[0]?.headers.cookie).toBe('market_session=m1');
  });

  it('sends every cookie but ours where all of them count', async () => {
    const { provider, upstream } = await opened(json(mia), { cookies: 'all' });
    await provider.identify(credential({ cookie: 'a=1; ACT_AS=secret;b=2 ; __Host-act_as=secret' }), 0);
    expect(upstream.asked[0]?.headers.cookie).toBe('a=1; b=2');
  });

  it('sends all cookies of one name in their order, so that the app chooses as it always does', async () => {
    const { provider, upstream } = await opened(json(mia));
    await provider.identify(credential({ cookie: 'market_session=first; x=1; market_session=second' }), 0);
    expect(upstream.asked[0]?.headers.cookie).toBe('market_session=first; market_session=second');
  });

  it('sends a header whole in which a quoted value could hide the cookie from some parsers', async () => {
    const { provider, upstream } = await opened(json(mia));
    const cookie = 'a="; market_session=decoy; b="; market_session=real; act_as=secret';
    await provider.identify(credential({ cookie }), 0);
    expect(upstream.asked[0]?.headers.cookie).toBe('a="; market_session=decoy; b="; market_session=real');
  });

  it('sends the bearer only where the app takes one', async () => {
    const bearer = credential({ authorization: 'Bearer t1' });
    const accepting = await opened(json(mia));
    await accepting.provider.identify(bearer, 0);
    expect(accepting.upstream.asked[0]?.headers.authorization).toBe('Bearer t1');
    const without = await opened(json(mia), { authorization: false });
    expect(await without.provider.identify(bearer, 0)).toEqual({ kind: 'anonymous' });
    expect(without.upstream.asked).toHaveLength(0);
  });

  it("tells the app the client's address and browser, and nothing else of the request", async () => {
    const { provider, upstream } = await opened(json(mia), { headers: { 'x-publishable-api-key': 'pk_1' } });
    await provider.identify(
      credential({
        cookie: 'market_session=m1',
        headers: {
          'user-agent': 'Firefox',
          'x-forwarded-for': '6.6.6.6',
          'x-user-id': 'root',
          'if-none-match': '"a"',
        },
      }),
      0,
    );
    const { host, connection, ...rest } = upstream.asked[0]?.headers ?? {};
    expect(host).toBe(new URL(upstream.upstream).host);
    expect(connection).toBe('keep-alive');
    expect(rest).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      cookie: 'market_session=m1',
      'user-agent': 'Firefox',
      'x-forwarded-for': '203.0.113.7',
      'x-publishable-api-key': 'pk_1',
    });
  });

  it('describes the client as forwarded requests do where it is told how', async () => {
    const upstream = await fakeUpstream(json(mia));
    const config = identitySchema.parse({
      kind: 'introspect',
      path: '/api/me',
      cookies: ['market_session'],
      person,
    });
    const provider = createIdentityProvider(config, {
      ...upstream,
      clock: () => 0,
      describeClient: ({ remoteAddress }) => ({
        host: 'market.example',
        'x-forwarded-proto': 'https',
        forwarded: remoteAddress,
      }),
    });
    await provider.identify(signedIn, 0);
    expect(upstream.asked[0]?.headers).toMatchObject({
      host: 'market.example',
      'x-forwarded-proto': 'https',
      forwarded: '203.0.113.7',
    });
  });
});

describe('introspection: what the app may answer', () => {
  it.each([
    ['401', json({ error: 'sign in' }, 401)],
    ['403', json({ error: 'no' }, 403)],
    ['200 with nobody in it', json({ user: null })],
  ])('%s means a stranger', async (_, answer) => {
    const { provider } = await opened(answer);
    expect(await provider.identify(signedIn, 0)).toEqual({ kind: 'anonymous' });
  });

  it('a redirect means a stranger only where that is said, and is never followed', async () => {
    const strict = await opened(redirect);
    expect(await strict.provider.identify(signedIn, 0)).toEqual({
      kind: 'unavailable',
      cause: 'the app answered 302',
      because: 'question',
    });
    expect(strict.upstream.asked).toHaveLength(1);
    const lenient = await opened(redirect, { redirect_is_anonymous: true });
    expect(await lenient.provider.identify(signedIn, 0)).toEqual({ kind: 'anonymous' });
    expect(lenient.upstream.asked).toHaveLength(1);
  });

  const user = (changes: object) => json({ user: { ...mia.user, ...changes } });
  it.each<[string, RequestListener]>([
    ['500', json(mia, 500)],
    ['404', json(mia, 404)],
    ['429', json(mia, 429)],
    ['204', (_, response) => void response.writeHead(204).end()],
    ['an error with 200', json({ error: 'database is down' })],
    ['HTML', raw('<h1>Sign in</h1>', { 'content-type': 'text/html' })],
    ['JSON that says it is HTML', raw(JSON.stringify(mia), { 'content-type': 'text/html' })],
    ['no type at all', raw(JSON.stringify(mia), {})],
    ['half a document', raw(JSON.stringify(mia).slice(0, -3))],
    ['nothing', raw('')],
    ['bytes that are not UTF-8', raw(Buffer.from(JSON.stringify(mia).replace('Marsh', '\u00ff'), 'latin1'))],
    [
      'an encoded document',
      raw(gzipSync(JSON.stringify(mia)), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    ],
    ['more than 256 KiB', user({ biography: 'x'.repeat(256 * 1024) })],
    ['a list', json([mia])],
    ['a text', json('mia')],
    ['no id', user({ id: undefined })],
    ['an id that is an object', user({ id: { $ne: null } })],
    ['an id that is true', user({ id: true })],
    ['an empty id', user({ id: '' })],
    ['an id with a line break', user({ id: 'mia\nroot' })],
    ['an id of 129 characters', user({ id: 'x'.repeat(129) })],
    ['an id that is not whole', user({ id: 1.5 })],
    ['roles that are an object', user({ roles: { length: 1, 0: 'market_manager' } })],
    ['roles that are numbers', user({ roles: [1] })],
    ['roles that are missing', user({ roles: undefined })],
    ['roles that are null', user({ roles: null })],
    ['a thousand roles', user({ roles: Array.from({ length: 1000 }, (_, n) => `r${String(n)}`) })],
    ['active in words', user({ active: 'yes' })],
    ['active missing', user({ active: undefined })],
    ['a name that is a number', user({ name: 7 })],
    ['claims that are a list', user({ claims: ['can_edit_price'] })],
    ['claims without measure', user({ claims: { x: 'x'.repeat(9000) } })],
    ['a market that is an object', user({ market: { id: {} } })],
  ])('%s says nothing about anybody', async (_, answer) => {
    const { provider } = await opened(answer);
    const got = await provider.identify(signedIn, 0);
    expect(got.kind).toBe('unavailable');
    expect(JSON.stringify(got)).not.toMatch(/m1|mia|database/);
  });

  it('an app that is down, silent, slow or breaks off says nothing about anybody', async () => {
    const answers: RequestListener[] = [
      () => undefined,
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"user":'),
      (request) => void request.socket.destroy(),
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{');
        setImmediate(() => request.socket.destroy());
      },
      (_, response) => {
        response.writeHead(401, { 'content-length': 10 }).write('{');
      },
    ];
    for (const answer of answers.slice(0, 4)) {
      const { provider } = await opened(answer, { timeout: '100ms' });
      expect((await provider.identify(signedIn, 0)).kind).toBe('unavailable');
    }
    // The status alone is a clear word, however slow the rest.
    const slowNo = await opened(answers[4] ?? json(mia), { timeout: '1s' });
    expect(await slowNo.provider.identify(signedIn, 0)).toEqual({ kind: 'anonymous' });
  });

  it('an app that is not there says nothing about anybody', async () => {
    const { provider, upstream } = await opened(json(mia));
    await upstream.stop();
    const answer = await provider.identify(signedIn, 0);
    expect(answer).toEqual({ kind: 'unavailable', cause: 'ECONNREFUSED', because: 'app' });
  });

  it('a kept connection that the app closed meanwhile gets one more try', async () => {
    const { provider, upstream } = await opened(json(mia));
    let broken = 0;
    upstream.answer = (request, response) => {
      broken += 1;
      if (broken === 1) request.socket.destroy();
      else json(mia)(request, response);
    };
    expect(await provider.identify(signedIn, 0)).toEqual(known);
    expect(upstream.asked).toHaveLength(2);
  });
});

describe('introspection: what is remembered', () => {
  it('gives an answer again while it is younger than the asker wants', async () => {
    const { provider, upstream, clock } = await opened(json(mia));
    await provider.identify(signedIn, 0);
    clock.now += 999;
    expect(await provider.identify(signedIn, 1000)).toEqual(known);
    expect(upstream.asked).toHaveLength(1);
    clock.now += 1;
    await provider.identify(signedIn, 1000);
    expect(upstream.asked).toHaveLength(2);
  });

  it('asks anew for an age of 0, even in the same instant', async () => {
    const { provider, upstream } = await opened(json(mia));
    await provider.identify(signedIn, 0);
    upstream.answer = json({}, 401);
    expect(await provider.identify(signedIn, 0)).toEqual({ kind: 'anonymous' });
    expect(await provider.identify(signedIn, 60_000)).toEqual({ kind: 'anonymous' });
    expect(upstream.asked).toHaveLength(2);
  });

  it('counts the age from the question, not from the answer', async () => {
    const { provider, upstream, clock } = await opened((request, response) => {
      clock.now += 5_000;
      json(mia)(request, response);
    });
    await provider.identify(signedIn, 0);
    await provider.identify(signedIn, 5_000);
    expect(upstream.asked).toHaveLength(2);
  });

  it('asks equal questions that come together once', async () => {
    const { provider, upstream } = await opened(json(mia));
    const answers = await Promise.all(Array.from({ length: 50 }, async () => provider.identify(signedIn, 0)));
    expect(answers).toEqual(Array.from({ length: 50 }, () => known));
    expect(upstream.asked).toHaveLength(1);
  });

  it('never lets an asker who wants news join a question that is already on its way', async () => {
    const held: (() => void)[] = [];
    const { provider, upstream } = await opened((request, response) => {
      held.push(() => json(mia)(request, response));
    });
    const first = provider.identify(signedIn, 0);
    await expect.poll(() => held.length).toBe(1);
    const patient = provider.identify(signedIn, 1000);
    const second = provider.identify(signedIn, 0);
    await expect.poll(() => held.length).toBe(2);
    // Signed out between the two questions: the late answer to the first is not news any more.
    upstream.answer = json({}, 500);
    held[1]?.();
    expect(await second).toEqual(known);
    held[0]?.();
    expect(await first).toEqual(known);
    expect(await patient).toEqual(known);
    expect(upstream.asked).toHaveLength(2);
  });

  it('keeps the answer to the later question when the earlier one is answered last', async () => {
    const held: ((listener: RequestListener) => void)[] = [];
    const { provider, upstream } = await opened((request, response) => {
      held.push((listener) => listener(request, response));
    });
    const first = provider.identify(signedIn, 0);
    await expect.poll(() => held.length).toBe(1);
    const second = provider.identify(signedIn, 0);
    await expect.poll(() => held.length).toBe(2);
    held[1]?.(json({}, 401));
    expect(await second).toEqual({ kind: 'anonymous' });
    held[0]?.(json(mia));
    expect(await first).toEqual(known);
    expect(await provider.identify(signedIn, 1000)).toEqual({ kind: 'anonymous' });
    expect(upstream.asked).toHaveLength(2);
  });

  it('never confuses two people, two browsers or two addresses', async () => {
    const { provider, upstream } = await opened(json(mia));
    const asked = [
      credential({ cookie: 'market_session=m1' }),
      credential({ cookie: 'market_session=m2' }),
      credential({ cookie: 'market_session=m1', authorization: 'Bearer x' }),
      credential({ authorization: 'market_session=m1' }),
      credential({ cookie: 'market_session=m1', headers: { 'user-agent': 'Firefox' } }),
      credential({ cookie: 'market_session=m1', remoteAddress: '203.0.113.8' }),
    ];
    for (const one of asked) await provider.identify(one, 60_000);
    expect(upstream.asked).toHaveLength(asked.length);
    for (const one of asked) await provider.identify(one, 60_000);
    expect(upstream.asked).toHaveLength(asked.length);
  });

  it('forgets a stranger after five seconds, because signing in may keep the cookie', async () => {
    const { provider, upstream, clock } = await opened(json({}, 401));
    await provider.identify(signedIn, 0);
    clock.now += 4_999;
    await provider.identify(signedIn, 60_000);
    expect(upstream.asked).toHaveLength(1);
    clock.now += 1;
    upstream.answer = json(mia);
    expect(await provider.identify(signedIn, 60_000)).toEqual(known);
  });

  it('asks an app that is in trouble again after a second, and meanwhile still knows whom it knew', async () => {
    const { provider, upstream, clock } = await opened(json({}, 500));
    await provider.identify(signedIn, 0);
    await provider.identify(signedIn, 60_000);
    expect(upstream.asked).toHaveLength(1);
    clock.now += 1_000;
    upstream.answer = json(mia);
    expect(await provider.identify(signedIn, 60_000)).toEqual(known);
    upstream.answer = json({}, 500);
    clock.now += 10_000;
    expect((await provider.identify(signedIn, 0)).kind).toBe('unavailable');
    expect(await provider.identify(signedIn, 60_000)).toEqual(known);
  });

  it('believes no answer from a future that a clock set back has taken away', async () => {
    const { provider, upstream, clock } = await opened(json(mia));
    await provider.identify(signedIn, 0);
    clock.now -= 10_000;
    await provider.identify(signedIn, 60_000);
    expect(upstream.asked).toHaveLength(2);
  });
});
