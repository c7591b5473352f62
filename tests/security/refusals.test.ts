/**
 * The story: a page said "Something went wrong", the script on it said "403", and the log said nothing; nobody could
 * tell whether the order had been placed. Each refusal has one code, one status and one sentence, for a program as
 * problem+json (RFC 9457) and for a person as a page with the ways on from there.
 */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { SessionsUnavailableError } from '../../gateway/sessions/index.ts';
import { REFUSALS, type RefusalCode } from '../../gateway/refusal.ts';
import { z } from 'zod';
import { startBreakable } from './breakable-sessions.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { startLenientUpstream } from './lenient-upstream.ts';
import { message, rawExchange } from './raw-exchange.ts';
import { MINUTE } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { jsonOf, problemShape } from './json-of.ts';

let lenient: LenientSystem;
let mia: Visitor;
let sam: Visitor;
const seen = new Set<string>();

beforeAll(async () => {
  lenient = await startLenientSystem({
    editGateway: (yaml) => yaml.replace('headers_timeout: 30s', 'headers_timeout: 1s'),
  });
  [mia, sam] = [lenient.person('u-mia'), lenient.person('u-sam')];
});
beforeEach(async () => {
  lenient.upstream.behave(null);
  lenient.upstream.forget();
  if (!mia.cookies.has('act_as')) await mia.actAs('u-sam');
});
afterAll(() => lenient.close());

const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

type Ask = (headers: Record<string, string>) => Promise<Response>;

/** Asks twice, as a script and as a person, and checks everything that every refusal promises. */
async function expectRefusal(
  code: RefusalCode,
  ask: Ask,
  waysOn: readonly string[],
  fault?: string,
): Promise<void> {
  seen.add(code);
  const { status } = REFUSALS[code];
  const program = await ask({ accept: 'application/json' });
  expect(program.status, code).toBe(status);
  expect(program.headers.get('content-type')).toBe('application/problem+json');
  expect(program.headers.get('cache-control')).toBe('no-store');
  expect(program.headers.get('server-timing')).toMatch(`act-as;desc="${code}"`);
  expect(program.headers.get('retry-after')).toBe({ 429: '60', 503: '5' }[status] ?? null);
  const problem = await jsonOf(program, problemShape);
  expect(problem).toMatchObject({
    type: 'about:blank',
    status,
    code,
    request_id: program.headers.get('x-request-id'),
  });
  expect(problem.title.length).toBeGreaterThan(5);
  expect(problem.detail).toMatch(/[.?)]$/);
  // The script in the page can say it, too.
  const words = /, act-as-words;desc="([^"]*)"$/.exec(program.headers.get('server-timing') ?? '')?.[1];
  expect(decodeURIComponent(words ?? '')).toBe(problem.detail);
  expect(JSON.stringify(problem)).not.toMatch(/\{subject\}|\{actor\}|undefined|\bat [a-z]+ \(/i);
  expect(problem.fault).toBe(fault ?? problem.fault);

  const person = await ask(NAVIGATION);
  expect(person.status, code).toBe(status);
  expect(person.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(person.headers.get('cache-control')).toBe('no-store');
  expect(person.headers.get('x-frame-options')).toBe('DENY');
  expect(person.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await person.text();
  expect(html).toContain(`<title>${problem.title}</title>`);
  expect(html).toContain(`data-code="${code}"`);
  expect(html).toContain(`<code>${person.headers.get('x-request-id') ?? '?'}</code>`);
  for (const way of waysOn) expect(html.replaceAll(/<\/?bdi>/g, ''), `${code}: ${way}`).toContain(way);
  expect(html).not.toContain('<script');
}

const BACK = ['href="/"', 'Back to the market'];

test('blocked', () =>
  expectRefusal(
    'blocked',
    (headers) => mia.send('PUT', '/api/password', {}, headers),
    [...BACK, 'Stop acting as Sam Whitaker', 'action="/_act-as/stop"'],
    'change-password',
  ));

test('paused', async () => {
  await expectRefusal('paused', (headers) => sam.send('POST', '/api/orders', {}, headers), BACK);
  const { detail } = await jsonOf(await sam.send('POST', '/api/orders', {}), problemShape);
  expect(detail).toContain('Mia from your market is currently helping you');
});

test('not_locked', async () => {
  const other = await startLenientSystem({
    editPolicy: (yaml) => yaml.replace('\n  pause: at_start', '\n  pause: on_lock'),
  });
  onTestFinished(() => other.close());
  const manager = other.person('u-mia');
  await manager.actAs('u-sam');
  await expectRefusal('not_locked', (headers) => manager.send('POST', '/api/cart/items', {}, headers), [
    ...BACK,
    'Lock the cart',
    'action="/_act-as/lock"',
    'Stop acting as Sam Whitaker',
  ]);
  expect(other.upstream.executed.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('confirm', () =>
  expectRefusal('confirm', (headers) => mia.get('/logout', headers), [
    'Just stop acting as Sam Whitaker',
    'Sign out entirely',
    'name="sign_out" value="true"',
    'Cancel',
  ]));

test('session_ended', async () => {
  const late = lenient.person('u-mia');
  for (const [name, value] of mia.cookies) late.cookies.set(name, value);
  await mia.stop();
  await expectRefusal('session_ended', (headers) => late.send('POST', '/api/orders', {}, headers), [
    'Continue as yourself',
    'action="/_act-as/stop"',
    'Sam Whitaker',
  ]);
  expect(lenient.upstream.executed).toEqual([]);
});

test('not_signed_in', () =>
  expectRefusal(
    'not_signed_in',
    (headers) => lenient.person('u-nobody').send('POST', '/_act-as/sessions', { subject: 'u-sue' }, headers),
    ['Sign in', 'href="/"'],
  ));

test('not_allowed', () =>
  expectRefusal(
    'not_allowed',
    (headers) => lenient.person('u-sue').send('POST', '/_act-as/sessions', { subject: 'u-sam' }, headers),
    BACK,
    'actor_not_permitted',
  ));

test('seat_taken', () =>
  expectRefusal(
    'seat_taken',
    (headers) => lenient.person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sam' }, headers),
    BACK,
    'subject',
  ));

test('no_session', () =>
  expectRefusal(
    'no_session',
    (headers) => lenient.person('u-mo').send('POST', '/_act-as/stop', undefined, headers),
    BACK,
  ));

test('not_found', () =>
  expectRefusal(
    'not_found',
    (headers) => lenient.person('u-mo').get('/_act-as/no-such-page', headers),
    BACK,
  ));

test('invalid_request', () =>
  expectRefusal(
    'invalid_request',
    (headers) =>
      lenient
        .person('u-mo')
        .send('POST', '/_act-as/sessions', { subject: 'u-sue', reason: 'x'.repeat(251) }, headers),
    BACK,
    'reason',
  ));

test('unsettled_request', async () => {
  await expectRefusal('unsettled_request', (headers) => mia.get('/market/%2e%2e%2fadmin', headers), BACK);
  // Before anything else of it is known, too: another host than ours.
  const { answers } = await rawExchange(
    lenient.system.url,
    message(['GET /market HTTP/1.1', 'Host: evil.example', 'Accept: text/html', 'Sec-Fetch-Dest: document']),
  );
  expect(answers[0]?.status).toBe(421);
  expect(answers[0]?.header('connection')).toBe('close');
  expect(answers[0]?.body).toContain('data-code="unsettled_request"');
  expect(lenient.upstream.executed).toEqual([]);
});

test('delegation_refused', async () => {
  await mia.stop();
  lenient.upstream.behave((asked, response) => {
    if (asked.target !== '/api/me' || asked.as !== 'u-sam') return false;
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    return true;
  });
  await expectRefusal(
    'delegation_refused',
    (headers) => mia.send('POST', '/_act-as/sessions', { subject: 'u-sam' }, headers),
    BACK,
  );
  expect(mia.cookies.has('act_as')).toBe(false);
});

test('upstream_unreachable', async () => {
  lenient.upstream.behave((asked, _response, incoming) => {
    if (asked.target !== '/market') return false;
    incoming.socket.destroy();
    return true;
  });
  for (const who of [mia, sam])
    await expectRefusal('upstream_unreachable', (headers) => who.get('/market', headers), BACK);
});

test('upstream_timeout', async () => {
  lenient.upstream.behave((asked) => asked.target === '/market');
  await expectRefusal('upstream_timeout', (headers) => sam.get('/market', headers), BACK);
  await expectRefusal('upstream_timeout', (headers) => mia.get('/market', headers), BACK);
});

test('audit_unavailable, sessions_unavailable, internal_error', async () => {
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const system = await startBreakable(upstream.url);
  onTestFinished(() => system.close());
  const manager = visitor(system.gateway.url);
  manager.cookies.set('market_session', 'u-mia');
  await manager.actAs('u-sam');
  system.break(() => new SessionsUnavailableError('gone'));
  await expectRefusal(
    'sessions_unavailable',
    (headers) => manager.send('POST', '/api/orders', {}, headers),
    BACK,
  );
  await expectRefusal('sessions_unavailable', (headers) => manager.get('/_act-as/sessions', headers), BACK);
  system.break((method) => (method === 'commit' || method === 'list' ? new Error('a defect') : null));
  await expectRefusal('internal_error', (headers) => manager.send('POST', '/api/orders', {}, headers), BACK);
  const reviewer = visitor(system.gateway.url);
  reviewer.cookies.set('market_session', 'u-root');
  await expectRefusal('internal_error', (headers) => reviewer.get('/_act-as/sessions', headers), BACK);
  system.break(null);
  await system.audit.close();
  await expectRefusal(
    'audit_unavailable',
    (headers) => reviewer.get('/admin/impersonation-audit', headers),
    BACK,
  );
  const unread = await reviewer.get('/admin/impersonation-audit/events.json');
  expect((await jsonOf(unread, problemShape)).detail).toBe('The record cannot be read at the moment.');
  await expectRefusal(
    'audit_unavailable',
    (headers) => manager.send('POST', '/api/orders', {}, headers),
    BACK,
  );
  expect(upstream.executed).toEqual([]);
});

test('a name that is markup stays a name, in the page and in the sentence', async () => {
  await mia.stop();
  const person = lenient.upstream.people.get('u-sam');
  if (person === undefined) throw new Error('Sam is missing');
  const name = person.name;
  person.name = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
  onTestFinished(() => void (person.name = name));
  await mia.actAs('u-sam');
  for (const [method, path] of [
    ['PUT', '/api/password'],
    ['GET', '/logout'],
  ] as const) {
    const html = await (await mia.send(method, path, undefined, NAVIGATION)).text();
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img');
    expect(html).toContain('&#60;script&#62;alert(1)');
  }
  await mia.stop();
});

test('sign_out_failed: the seat is given back, and nobody is told that they were signed out', async () => {
  seen.add('sign_out_failed');
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/api/logout') return false;
    response.writeHead(403).end();
    return true;
  });
  const program = await mia.send('POST', '/_act-as/stop', { sign_out: true });
  expect(program.status).toBe(200);
  expect(await program.json()).toMatchObject({ ended: true, signed_out: false });
  expect(mia.cookies.has('act_as')).toBe(false);

  await mia.actAs('u-sam');
  const person = await mia.send('POST', '/_act-as/stop', { sign_out: true }, NAVIGATION);
  expect(person.status).toBe(502);
  const html = await person.text();
  expect(html).toContain('<title>You are still signed in</title>');
  expect(html).toContain('You have stopped acting for anyone');
  expect(html).not.toContain('You are acting as');
  expect(mia.cookies.has('act_as')).toBe(false);
});

test('an expired cookie on a POST is told that nothing was carried out, and by whom', async () => {
  await lenient.system.pass(31 * MINUTE);
  const { detail } = await jsonOf(await mia.send('POST', '/api/orders', {}), problemShape);
  expect(detail).toContain('You are no longer acting as Sam Whitaker');
  expect(detail).toContain('not carried out, neither as Sam Whitaker nor as yourself');
  await mia.stop();
});

test('link_spent: a link that was revoked, used or left too long', async () => {
  const mo = lenient.person('u-mo');
  const made = await mo.send('POST', '/_act-as/links', { subject: 'u-sue' });
  const { url, link } = await jsonOf(
    made,
    z.looseObject({ url: z.string(), link: z.looseObject({ id: z.string() }) }),
  );
  await mo.send('POST', `/_act-as/links/${link.id}/revoke`);
  const { pathname } = new URL(url);
  await expectRefusal('link_spent', (headers) => mo.get(pathname, headers), ['href="/"'], 'revoked');
});

test('too_many_requests: whoever makes links without end', async () => {
  const mo = lenient.person('u-mo');
  const make: Ask = (headers) => mo.send('POST', '/_act-as/links', { subject: 'u-sue' }, headers);
  await Promise.all(Array.from({ length: 60 }, () => make({})));
  await expectRefusal('too_many_requests', make, ['href="/"']);
});

test('every code of the list was seen', () => {
  expect(Object.keys(REFUSALS).filter((code) => !seen.has(code))).toEqual([]);
});
