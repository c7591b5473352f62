/**
 * The story: a manager helped a shopper, and the shop answered, as shops do, with a fresh session cookie. The manager's
 * browser kept it. Next morning the manager was the shopper, with nobody's knowledge, for a year. Elsewhere the
 * manager's own admin cookie travelled along with the shopper's and an admin route ran. So there are two jars: what the
 * upstream gives for the subject stays on our side, and nothing of the actor's goes up.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { message, rawExchange } from '../security/raw-exchange.ts';

let lenient: LenientSystem;
let host: string;
/** Every byte that reached the manager's browser, raw. */
let seen = '';

const CANARIES = {
  cookie: 'CANARY-cookie-4f1d',
  cookie2: 'CANARY-cookie2-77ab',
  authHeader: 'CANARY-authheader-a1b2',
  vendure: 'CANARY-vendure-9c9c',
  sessionHeader: 'CANARY-sessionheader-3e3e',
  errorCookie: 'CANARY-errorcookie-5d5d',
  redirectCookie: 'CANARY-redirectcookie-8e8e',
} as const;

beforeAll(async () => {
  lenient = await startLenientSystem();
  host = new URL(lenient.system.url).host;
});
afterAll(() => lenient.close());

/** As the manager's browser, by hand, so that not one byte of the answer is lost. */
async function browse(
  line: string,
  cookie: string,
  extra: readonly string[] = [],
  body = '',
): Promise<string> {
  const { bytes } = await rawExchange(
    lenient.system.url,
    message(
      [
        `${line} HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        'Connection: close',
        `Content-Length: ${body.length}`,
        ...extra,
      ],
      body,
    ),
  );
  seen += bytes;
  return bytes;
}

function privateText(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(lenient.system.privateUrl + path, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

test('no credential of the subject reaches the browser, the log, the metrics, the record or the CSV', async () => {
  const { upstream, system } = lenient;
  const tokens = new Set<string>();
  upstream.behave((asked, response) => {
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1];
    if (token === undefined || asked.target === '/api/me') return false;
    tokens.add(token);
    const status = asked.target.startsWith('/redirect') ? 302 : asked.target.startsWith('/error') ? 500 : 200;
    response.writeHead(status, [
      'Set-Cookie',
      `market_session=${CANARIES.cookie}; Path=/; HttpOnly`,
      'Set-Cookie',
      `act_as=${CANARIES.cookie2}; Path=/`,
      'Set-Cookie2',
      `x=${CANARIES.cookie2}`,
      'Set-Cookie',
      `e=${status === 500 ? CANARIES.errorCookie : CANARIES.redirectCookie}; Path=/`,
      'Authorization',
      `Bearer ${CANARIES.authHeader}`,
      'Vendure-Auth-Token',
      CANARIES.vendure,
      'X-Session-Id',
      CANARIES.sessionHeader,
      // A debugging app that plays back what it was sent.
      'X-Debug-Echo',
      token,
      'X-Debug-Cookie',
      asked.headers.cookie ?? 'none',
      'Location',
      status === 302 ? `/market?token=${token}` : '/market',
      'Content-Type',
      'text/html; charset=utf-8',
    ]);
    response.end('<!doctype html><html><head><title>x</title></head><body><h1>Shop</h1></body></html>');
    return true;
  });
  const mia = lenient.person('u-mia');
  const own = 'market_session=u-mia';
  const started = await browse(
    'POST /_act-as/sessions',
    own,
    [`Origin: http://${host}`, 'Content-Type: application/json', 'Accept: application/json'],
    '{"subject":"u-sam","reason":"taint"}',
  );
  const actAs = /act_as=([\w-]{43})/.exec(started)?.[1];
  expect(actAs).toBeDefined();
  // The one place where the browser is told its own cookie.
  seen = seen.replaceAll(/^set-cookie: act_as=.*$/gim, '');
  const cookie = `${own}; act_as=${actAs}; admin_session=ADMIN-OF-MIA`;
  mia.cookies.set('act_as', actAs ?? '');

  const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];
  await browse('GET /market', cookie, page);
  await browse('GET /market', cookie, page);
  await browse('GET /api/anything', cookie);
  await browse('GET /redirect', cookie, page);
  await browse('GET /error', cookie, page);
  await browse('POST /api/orders', cookie, ['Content-Type: application/json'], '{}');
  await browse('PUT /api/password', cookie, ['Content-Type: application/json'], '{}');
  await browse('PUT /api//password', cookie, ['Content-Type: application/json'], '{}');
  await browse('GET /_act-as/status', cookie);
  await browse('GET /_act-as/sessions', cookie);
  await browse('POST /_act-as/stop', cookie, [`Origin: http://${host}`, 'Accept: application/json']);
  await browse('GET /admin/impersonation-audit', cookie, page);
  await browse('GET /admin/impersonation-audit/events.json', cookie);
  const csv = await browse('GET /admin/impersonation-audit/export.csv', cookie);
  expect(csv).toContain('place_order');
  await browse('GET /market', cookie, page);

  expect(
    upstream.executed.some(({ headers }) => headers.cookie?.includes(CANARIES.cookie)),
    'the jar sends it back up',
  ).toBe(true);
  expect(tokens.size).toBeGreaterThan(0);

  const metrics = await privateText('/_act-as/metrics');
  const health = await privateText('/_act-as/health/ready');
  const data = join(system.folder, 'data');
  const files = readdirSync(data)
    .filter((name) => name.startsWith('audit'))
    .map((name) => readFileSync(join(data, name)).toString('latin1'));
  const places = { seen, log: system.log(), metrics, health, csv, record: files.join('') };
  const secrets = [...Object.values(CANARIES), ...tokens, actAs ?? '', 'ADMIN-OF-MIA'];
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
  }
  // The manager's own sign-in is told to nobody either, the record included.
  for (const place of [places.log, metrics, csv, places.record])
    expect(place).not.toContain('market_session');
  upstream.behave(null);
});

test('nothing that proves the actor goes up: no cookie, no bearer, no identity header, no validator of their cache', async () => {
  const { upstream } = lenient;
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  upstream.forget();
  const cookie = `${lenient.cookies(mia)}; admin_session=ADMIN; market_session=u-root; locale=de`;
  const own = [
    'Authorization: Bearer OWN-OF-MIA',
    'Proxy-Authorization: Basic eA==',
    'X-User-Id: u-root',
    'X-User-Email: r@x',
    'X-Remote-User: root',
    'X-Api-Key: KEY',
    'If-None-Match: "mine"',
    'If-Modified-Since: now',
    'X-Act-As: u-root',
    'X-Forwarded-User: root',
    'Cookie2: $Version=1',
    'From: mia@valley.example',
  ];
  await browse('GET /market', cookie, [...own, 'X_User_Id: u-root']);
  // A header name with an underscore has no honest use while acting.
  expect(upstream.executed).toHaveLength(0);
  await browse('GET /market', cookie, own);
  const [sent] = upstream.executed;
  expect(sent?.as).toBe('u-sam');
  const text = (sent?.rawHeaders ?? []).join('\n');
  for (const mine of [
    'OWN-OF-MIA',
    'ADMIN',
    'u-root',
    'u-mia',
    'KEY',
    '"mine"',
    'act_as',
    'eA==',
    'locale',
    'If-Modified',
    'Version',
    'valley.example',
  ]) {
    expect(text.includes(mine), mine).toBe(false);
  }
  await mia.stop();
});

test('the jar is emptied with its session: the next shopper starts without the cookies of the one before', async () => {
  const { upstream } = lenient;
  upstream.behave((asked, response) => {
    if (asked.target !== '/market') return false;
    response.setHeader('Set-Cookie', `seen_as=${asked.as}; Path=/`);
    return false;
  });
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  await mia.get('/market');
  await mia.stop();
  await mia.actAs('u-sue');
  upstream.forget();
  await mia.get('/market');
  await mia.get('/market');
  expect(upstream.executed.map(({ headers }) => headers.cookie)).toEqual([undefined, 'seen_as=u-sue']);
  expect(mia.cookies.has('seen_as')).toBe(false);
  upstream.behave(null);
  await mia.stop();
});

test('the upstream cannot set or clear our own cookie, for anybody', async () => {
  const { upstream } = lenient;
  upstream.behave((_asked, response) => {
    response.setHeader('Set-Cookie', [
      'act_as=PLANTED; Path=/',
      '__Host-act_as=PLANTED; Path=/; Secure',
      'ACT_AS=; Max-Age=0',
      // Kept without a name, sent back as its value: `Cookie: act_as=PLANTED`.
      '=act_as=PLANTED; Path=/',
      ' = act_as_news=PLANTED',
      // For some readers a cookie begins behind a comma, or in quotes; whoever sent these back would be out of every page.
      'last_search=apples, act_as=1; Path=/',
      '"act_as"=1',
      'mine=1; Path=/',
    ]);
    return false;
  });
  const sue = lenient.person('u-sue');
  const response = await sue.get('/market');
  expect(response.headers.getSetCookie()).toEqual(['mine=1; Path=/']);
  upstream.behave(null);
});
