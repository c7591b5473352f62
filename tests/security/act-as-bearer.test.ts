/**
 * An app or another system holds a bearer where a browser would hold a cookie. It must be nothing less: the same clocks,
 * rules and record, its end just as final, the actor's own sign-in behind every request, and no second way to name a seat.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MINUTE } from '../system.ts';
import { jsonOf } from './json-of.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { rawExchange } from './raw-exchange.ts';

const issued = z.object({
  token: z.string(),
  header: z.string(),
  session: z.looseObject({ id: z.string() }),
});

let lenient: LenientSystem;

beforeAll(async () => {
  lenient = await startLenientSystem();
});
afterAll(() => lenient.close());
afterEach(async () => {
  await call('u-mia', 'POST', '/_act-as/stop', { 'act-as': last });
  lenient.upstream.forget();
});

let last = '';

/** The app's own bearer of a person: it names them, and nobody here checks more. */
const own = (id: string): string =>
  `Bearer h.${Buffer.from(JSON.stringify({ sub: id })).toString('base64url')}.s`;

/** As a program: no cookie, no Origin, nothing that a browser would say. */
function call(
  id: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(lenient.system.url + path, {
    method,
    redirect: 'manual',
    headers: { accept: 'application/json', authorization: own(id), ...json, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function issue(id = 'u-mia'): Promise<{ token: string; session: string }> {
  const response = await call(
    id,
    'POST',
    '/_act-as/tokens',
    {},
    { subject: 'u-sam', reason: 'By telephone' },
  );
  expect(response.status).toBe(201);
  const { token, header, session } = await jsonOf(response, issued);
  expect(header).toBe('Act-As');
  last = token;
  return { token, session: session.id };
}

describe('an act-as bearer', () => {
  it('seats, decides, records and ends as a cookie does', async () => {
    const { token, session } = await issue();
    const acting = { 'act-as': token };
    expect((await call('u-mia', 'POST', '/api/orders', acting, {})).status).toBe(201);
    expect((await call('u-mia', 'PUT', '/api/password', acting, { next: 'x' })).status).toBe(403);
    const [order, ...more] = lenient.upstream.executed;
    expect(more).toEqual([]);
    expect(order).toMatchObject({ as: 'u-sam', line: 'POST /api/orders' });
    expect(order?.headers['act-as']).toBeUndefined();
    expect(order?.headers.authorization).not.toBe(own('u-mia'));

    const stopped = await call('u-mia', 'POST', '/_act-as/stop', acting);
    expect([stopped.status, stopped.headers.getSetCookie()]).toEqual([200, []]);
    const rows = (await lenient.events()).filter((row) => row.session_id === session);
    expect(rows.map(({ event, action }) => [event, action])).toEqual([
      ['start', 'start_acting'],
      ['action', 'place_order'],
      ['blocked', 'change_password_blocked'],
      ['stop', 'stop_acting'],
    ]);
    expect(rows[0]).toMatchObject({ reason: 'By telephone', details: { by: 'token' } });
  });

  it('is a dead session when it is over, and never the manager', async () => {
    const { token } = await issue();
    await lenient.system.pass(30 * MINUTE);
    for (const dead of [token, `act_as_${'A'.repeat(43)}`, 'A'.repeat(43), 'x', '']) {
      const answer = await call('u-mia', 'POST', '/api/orders', { 'act-as': dead }, {});
      expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'session_ended' }]);
    }
    expect(lenient.upstream.executed).toEqual([]);
  });

  it('ends with the sign-in of its actor, and is of no use in the hands of another', async () => {
    const { token, session } = await issue();
    const stolen = await call('u-mo', 'POST', '/api/orders', { 'act-as': token }, {});
    expect([stolen.status, await stolen.json()]).toMatchObject([401, { code: 'session_ended' }]);
    expect(lenient.upstream.executed).toEqual([]);
    expect((await lenient.events()).findLast((row) => row.session_id === session)).toMatchObject({
      event: 'expired',
      action: 'actor_signed_out',
    });
  });

  it('tells whoever holds nothing else, or is somebody else, not whose seat it is', async () => {
    const { token, session } = await issue();
    const acting = { 'act-as': token };
    for (const id of ['u-mo', 'nobody'])
      for (const path of ['/_act-as/status', '/_act-as/', '/_act-as/sessions']) {
        const said = await (await call(id, 'GET', path, acting)).text();
        expect(said).not.toContain('Sam');
        expect(said).not.toContain(session);
      }
    const theirs = await call('u-mia', 'GET', '/_act-as/status', acting);
    expect(await theirs.json()).toMatchObject({ acting: { subject: { name: 'Sam Whitaker' } } });
    await call('u-mia', 'POST', '/_act-as/stop', acting);
    expect(await (await call('u-mo', 'GET', '/_act-as/status', acting)).text()).not.toContain(session);
    const over = await call('u-mia', 'GET', '/_act-as/status', acting);
    expect(await over.json()).toMatchObject({ acting: null, ended: { session_id: session, why: 'stopped' } });
  });

  it('takes the one seat: neither a second bearer nor a cookie gets it', async () => {
    await issue();
    expect((await call('u-mia', 'POST', '/_act-as/tokens', {}, { subject: 'u-sue' })).status).toBe(409);
    expect((await call('u-mo', 'POST', '/_act-as/tokens', {}, { subject: 'u-sam' })).status).toBe(409);
    const cookie = await lenient.person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sam' });
    expect(cookie.status).toBe(409);
  });

  it('is read in one place only: as a cookie, in the query or by another name it seats nobody', async () => {
    const { token } = await issue();
    const asCookie = await call('u-mia', 'POST', '/api/orders', { cookie: `act_as=${token}` }, {});
    expect(asCookie.status).toBe(401);
    for (const disguised of ['act_as', 'Act.As'])
      expect((await call('u-mia', 'POST', '/api/orders', { [disguised]: token }, {})).status).toBe(401);
    for (const target of [`/api/cart?act-as=${token}`, `/api/cart?access_token=${token}`, `/${token}/cart`])
      expect((await call('u-mia', 'GET', target)).status).toBe(401);
    const asOwn = await call('u-mia', 'GET', '/api/cart', { authorization: `Bearer ${token}` });
    expect(asOwn.status).toBe(401);
    // Nor is the app asked about it.
    expect(JSON.stringify(lenient.upstream.arrived)).not.toContain(token);
    expect(lenient.upstream.executed).toEqual([]);
    // And the value of a cookie is no bearer.
    const browser = lenient.person('u-mo');
    await browser.actAs('u-sue');
    const value = browser.cookies.get('act_as') ?? '';
    expect((await call('u-mo', 'GET', '/api/cart', { 'act-as': value })).status).toBe(401);
    await browser.stop();
  });

  it('stands alone: twice, or beside a cookie, the request is refused whole', async () => {
    const { token } = await issue();
    const host = new URL(lenient.system.url).host;
    const request = (lines: string): string =>
      `GET /api/cart HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${own('u-mia')}\r\n${lines}\r\nConnection: close\r\n\r\n`;
    for (const lines of [
      `Act-As: ${token}\r\nAct-As: ${token}`,
      `Act-As: ${token}\r\nact-as: act_as_${'A'.repeat(43)}`,
      `Act-As: ${token}\r\nCookie: act_as=${'A'.repeat(43)}`,
      `Act-As: ${token}\r\nCookie: market_session=u-mia; "act_as"=x`,
      `Connection: act-as\r\nAct-As: ${token}`,
    ]) {
      const { answers } = await rawExchange(lenient.system.url, request(lines));
      expect(answers.map(({ status }) => status)).toEqual([400]);
    }
    expect(lenient.upstream.executed).toEqual([]);
  });

  it('is not used from pages of other sites, not even to look', async () => {
    const { token } = await issue();
    const elsewhere = { 'act-as': token, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await call('u-mia', 'GET', '/api/cart', elsewhere)).status).toBe(403);
    expect((await call('u-mia', 'POST', '/api/orders', elsewhere, {})).status).toBe(403);
    expect((await call('u-mia', 'POST', '/_act-as/stop', elsewhere)).status).toBe(403);
    expect(lenient.upstream.executed).toEqual([]);
  });

  it('is not issued on the word of a cookie alone, nor of what a browser adds by itself', async () => {
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${lenient.system.url}/_act-as/tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ subject: 'u-sam' }),
      });
    expect((await ask({ cookie: 'market_session=u-mia' })).status).toBe(403);
    expect((await ask({ cookie: 'market_session=u-mia', authorization: 'Basic dTpw' })).status).toBe(403);
    expect((await ask({ authorization: own('u-mia'), origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({ authorization: own('u-sue') })).status).toBe(403);
    expect((await ask({ authorization: own('nobody') })).status).toBe(401);
    expect(
      (await call('u-mia', 'POST', '/_act-as/tokens', {}, { subject: 'u-sam', mode: 'full' })).status,
    ).toBe(422);
  });

  it('opens nothing that is the actor’s own: the record, other customers, another token', async () => {
    const { token } = await issue();
    const acting = { 'act-as': token };
    for (const path of ['/_act-as/customers?q=s', '/_act-as/links', '/admin/impersonation-audit/events.json'])
      expect((await call('u-mia', 'GET', path, acting)).status).toBe(403);
    expect((await call('u-mia', 'POST', '/_act-as/tokens', acting, { subject: 'u-sue' })).status).toBe(403);
  });

  it('stands in no log and no row', async () => {
    const { token } = await issue();
    await call('u-mia', 'PUT', '/api/password', { 'act-as': token }, {});
    await call('u-mia', 'GET', `/${token}/cart`);
    await call('u-mia', 'GET', `/api/cart/${token}`, { 'act-as': token });
    expect(lenient.system.log()).not.toContain(token);
    expect(JSON.stringify(await lenient.events())).not.toContain(token);
  });
});
