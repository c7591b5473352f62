/**
 * The story: nobody had read the answers as closely as the requests. One told the cache in front of the site to keep the
 * shopper's account for everybody, one sent the manager's browser to another site in a spelling that was not looked for,
 * one let a sibling of the site lay the shopper's page under a page of its own.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Visitor } from '../visitor.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

let lenient: LenientSystem;
let mia: Visitor;
beforeAll(async () => {
  lenient = await startLenientSystem();
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
afterAll(() => lenient.close());

/** What Mia's browser gets of these header lines of the app, in Sam's seat. */
async function answered(lines: readonly string[]): Promise<Headers> {
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/api/cart') return false;
    response.writeHead(200, ['Content-Type', 'application/json', ...lines]).end('{}');
    return true;
  });
  const answer = await mia.get('/api/cart');
  expect(answer.status).toBe(200);
  return answer.headers;
}

test.each([
  'CDN-Cache-Control',
  'Cloudflare-CDN-Cache-Control',
  'X-LiteSpeed-Cache-Control',
  'Surrogate-Control',
  'Edge-Control',
  'X-Accel-Expires',
])('no cache is told by %s to keep what was answered in a seat', async (name) => {
  const headers = await answered([name, 'public, max-age=600', 'Cache-Control', 'public, max-age=600']);
  expect(headers.get(name)).toBeNull();
  expect(headers.get('cache-control')).toBe('no-store');
});

test.each([
  ['Alt-Svc', 'h2="evil.example:443"'],
  ['Clear-Site-Data', '"*"'],
  ['Service-Worker-Allowed', '/'],
  ['ETag', '"sam-4711"'],
  ['Last-Modified', 'Sun, 22 Nov 2026 08:00:00 GMT'],
  ['NEL', '{"report_to":"sam","max_age":2592000}'],
  ['Report-To', '{"group":"sam","max_age":2592000,"endpoints":[{"url":"https://evil.example/sam"}]}'],
  ['Accept-CH', 'Sec-CH-UA-Model'],
  ['Set-Login', 'logged-in'],
  ['Secure-Session-Registration', '(ES256);path="/renew";challenge="sam"'],
  ['Sec-Session-Challenge', '"sam"'],
  ['Use-As-Dictionary', 'match="/api/*", id="sam"'],
  ['Observe-Browsing-Topics', '?1'],
  ['Attribution-Reporting-Register-Source', '{"destination":"https://evil.example"}'],
])('nothing stays in the browser of who acted by %s', async (name, value) => {
  expect((await answered([name, value])).get(name)).toBeNull();
});

test.each([
  '0; https://evil.example/',
  '0,https://evil.example/',
  '0; https://evil.example/?url=/',
  '0; url=//evil.example/',
  '0; URL = "https://evil.example/"',
  "0; url='https://evil.example/'/",
  '0; url=\\\\evil.example/',
  '.5; https://evil.example/',
  '0 https://evil.example/',
])('no page leads to another site by `Refresh: %s`', async (refresh) => {
  expect((await answered(['Refresh', refresh])).get('refresh')).toBeNull();
});

test('two Refresh lines that together lead to another site do not', async () => {
  const headers = await answered(['Refresh', '0', 'Refresh', 'https://evil.example/']);
  expect(headers.get('refresh')).toBe('0');
});

test.each(['30', '5; url=/orders', "0;URL='/orders?page=2'", '1, /orders'])(
  'a page of the site that comes again or goes on by `Refresh: %s` does',
  async (refresh) => {
    expect((await answered(['Refresh', refresh])).get('refresh')).toBe(refresh);
  },
);

test('whom the app lets frame its pages may not frame those of a seat', async () => {
  const headers = await answered(['Content-Security-Policy', 'frame-ancestors *']);
  expect(headers.get('content-security-policy')?.split(', ')).toContain("frame-ancestors 'self'");
});

test('what any Connection line of the app names goes no further', async () => {
  const headers = await answered([
    'Connection',
    'x-inner',
    'Connection',
    'x-other',
    'X-Inner',
    '1',
    'X-Other',
    '1',
  ]);
  expect([headers.get('x-inner'), headers.get('x-other')]).toEqual([null, null]);
});
