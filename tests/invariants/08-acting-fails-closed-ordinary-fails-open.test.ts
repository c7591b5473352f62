/**
 * The story: the disk under the audit log filled up on a Saturday. One product kept acting, unrecorded, until Monday;
 * another took the whole shop down with it. Acting stops at once and says why; shoppers keep shopping; and when the
 * disk is back everything goes on by itself, with the ends of what was stopped meanwhile on the record.
 */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { SessionsUnavailableError } from '../../gateway/sessions/index.ts';
import { startBreakable, type Breakable } from '../security/breakable-sessions.ts';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startLenientUpstream, type LenientUpstream } from '../security/lenient-upstream.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';

let upstream: LenientUpstream;
let system: Breakable;

beforeAll(async () => {
  upstream = await startLenientUpstream();
  system = await startBreakable(upstream.url);
});
afterEach(async () => {
  system.break(null);
  await person('u-mia').send('POST', '/_act-as/stop');
});
beforeEach(() => upstream.forget());
afterAll(async () => {
  await system.close();
  await upstream.close();
});

function person(id: string): Visitor {
  const browser = visitor(system.gateway.url);
  browser.cookies.set('market_session', id);
  return browser;
}

async function codeOf(response: Response): Promise<string> {
  return `${response.status} ${(await jsonOf(response, z.looseObject({ code: z.string().default('') }))).code}`;
}

async function expectShoppersShop(): Promise<void> {
  const sue = person('u-sue');
  for (let count = 0; count < 3; count += 1) {
    expect((await sue.visit('/market')).status).toBe(200);
    expect((await sue.send('POST', '/api/orders', {})).status).toBe(201);
  }
}

describe('while the record cannot be written', () => {
  let mia: Visitor;
  let away: string;

  beforeEach(async () => {
    mia = person('u-mia');
    await mia.actAs('u-sam');
    upstream.forget();
    away = join(mkdtempSync(join(tmpdir(), 'understudy-away-')), 'audit.db');
    renameSync(system.auditFile, away);
    await expect.poll(() => system.audit.health().ok).toBe(false);
  });
  afterEach(async () => {
    if (!system.audit.health().ok) renameSync(away, system.auditFile);
    await expect.poll(() => system.audit.health().ok, { timeout: 5_000 }).toBe(true);
    rmSync(join(away, '..'), { recursive: true, force: true });
    await mia.stop();
  });

  test('audited writes, blocked attempts and starts are refused with 503, and nothing is forwarded', async () => {
    expect(await codeOf(await mia.send('POST', '/api/orders', {}))).toBe('503 audit_unavailable');
    expect(await codeOf(await mia.send('PUT', '/api/password', {}))).toBe('503 audit_unavailable');
    expect(await codeOf(await mia.send('PUT', '/api//password', {}))).toBe('503 audit_unavailable');
    expect(await codeOf(await person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sue' }))).toBe(
      '503 audit_unavailable',
    );
    expect(upstream.executed).toEqual([]);
    expect(
      await person('u-mo')
        .get('/_act-as/sessions')
        .then((response) => response.json()),
    ).toMatchObject({
      sessions: [{ subject: { id: 'u-sam' } }],
    });
  });

  test('no link is made', async () => {
    const mo = person('u-mo');
    expect(await codeOf(await mo.send('POST', '/_act-as/links', { subject: 'u-sue' }))).toBe(
      '503 audit_unavailable',
    );
    expect(await (await mo.get('/_act-as/links')).json()).toEqual({ links: [] });
  });

  test('shoppers keep shopping', expectShoppersShop);

  test('stopping works, and the row of the end is written as soon as it can be', async () => {
    const ready = (): Promise<Response> => fetch(`${system.gateway.privateUrl}/_act-as/health/ready`);
    expect((await mia.stop()).status).toBe(200);
    expect((await ready()).status).toBe(503);
    renameSync(away, system.auditFile);
    await expect.poll(async () => (await ready()).status, { timeout: 5_000 }).toBe(200);
    expect((await eventsSeenBy(person('u-mia'))).at(-1)).toMatchObject({
      event: 'stop',
      action: 'stop_acting',
    });
  });
});

describe('while the session store cannot answer', () => {
  const gone = (): Error => new SessionsUnavailableError('gone');
  let mia: Visitor;

  beforeEach(async () => {
    mia = person('u-mia');
    await mia.actAs('u-sam');
    upstream.forget();
  });
  afterEach(async () => {
    system.break(null);
    await mia.stop();
  });

  test('reads, writes, pages and starts of managers are refused with 503 and never sent in their own name', async () => {
    system.break(gone);
    expect(await codeOf(await mia.get('/api/cart'))).toBe('503 sessions_unavailable');
    expect(await codeOf(await mia.send('POST', '/api/orders', {}))).toBe('503 sessions_unavailable');
    const page = await mia.visit('/market');
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toBe('5');
    expect(await page.text()).toContain('Act-as sessions are unavailable');
    expect(await codeOf(await mia.send('POST', '/_act-as/stop'))).toBe('503 sessions_unavailable');
    expect(await codeOf(await person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sue' }))).toBe(
      '503 sessions_unavailable',
    );
    expect(upstream.executed).toEqual([]);
  });

  test('a page in the seat reads and does nothing of the manager’s own, and carries nobody into another seat', async () => {
    system.break((method) => (method === 'find' ? gone() : null));
    for (const path of [
      '/_act-as/customers?q=s',
      '/_act-as/links',
      '/_act-as/sessions',
      '/admin/impersonation-audit/events.json',
      '/admin/impersonation-audit/export.csv',
    ])
      expect([path, await codeOf(await mia.get(path))]).toEqual([path, '503 sessions_unavailable']);
    for (const path of ['/_act-as/links', '/_act-as/tokens'])
      expect(await codeOf(await mia.send('POST', path, { subject: 'u-sue' }))).toBe(
        '503 sessions_unavailable',
      );
    const onwards = { subject: 'u-sue', takeover: 'own' };
    expect(await codeOf(await mia.send('POST', '/_act-as/sessions', onwards))).toBe('409 seat_taken');
  });

  test('nor is a session gone on with that is over but cannot be ended, and that is no defect', async () => {
    const known = upstream.people.get('u-mia');
    if (known === undefined) throw new Error('there is no such person');
    onTestFinished(() => void upstream.people.set('u-mia', known));
    upstream.people.delete('u-mia');
    system.break((method) => (method === 'end' ? gone() : null));
    expect(await codeOf(await mia.send('POST', '/api/orders', {}))).toBe('503 sessions_unavailable');
    expect(upstream.executed).toEqual([]);
  });

  test('a start that cannot be finished leaves no session that nobody holds, and the shopper is not paused by it', async () => {
    const defect = new TypeError('secret cause');
    for (const [error, told] of [
      [gone(), '503 sessions_unavailable'],
      [defect, '500 internal_error'],
    ] as const) {
      system.break((method) => (method === 'loadJar' ? error : null));
      const start = person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sue' });
      expect(await codeOf(await start)).toBe(told);
      system.break(null);
      expect((await person('u-sue').send('POST', '/api/orders', {})).status).toBe(201);
      const rows = (await eventsSeenBy(person('u-mia'))).slice(-2);
      expect(rows.map(({ action }) => action)).toEqual(['start_acting', 'wrong_seat']);
    }
  });

  test('no session comes of a link that may have been revoked while it was pressed', async () => {
    const asked = { subject: 'u-sue', actor: 'u-mo' };
    const link = z.object({ url: z.string() });
    const { url } = await jsonOf(await person('u-root').send('POST', '/_act-as/links', asked), link);
    system.break((method) => (method === 'links.settle' ? gone() : null));
    const mo = person('u-mo');
    const pressed = await mo.send('POST', new URL(url).pathname);
    expect(await codeOf(pressed)).toBe('503 sessions_unavailable');
    expect(pressed.headers.getSetCookie().join()).not.toContain('act_as=');
    expect((await person('u-sue').send('POST', '/api/orders', {})).status).toBe(201);
    const rows = (await eventsSeenBy(person('u-root'))).map(({ action }) => action);
    expect(rows.slice(-3)).toEqual(['start_acting', 'session_lost', 'link_refused']);
  });

  test('shoppers keep shopping, whichever method fails, and the one who is being helped as well', async () => {
    system.break(gone);
    await expectShoppersShop();
    expect((await person('u-sam').visit('/market')).status).toBe(200);
    system.break((method) => (method === 'liveFor' ? gone() : null));
    expect((await person('u-sam').visit('/market')).status).toBe(200);
    expect((await person('u-sam').send('POST', '/api/orders', {})).status).toBe(201);
  });

  test('a write under way is not sent when the store goes away at the commit point, and the record says that it was not', async () => {
    system.break((method) => (method === 'commit' ? gone() : null));
    expect(await codeOf(await mia.send('POST', '/api/orders', {}))).toBe('503 sessions_unavailable');
    expect(upstream.executed).toEqual([]);
    expect((await eventsSeenBy(person('u-mia'))).at(-1)).toMatchObject({
      event: 'action',
      outcome: 'error',
      details: { note: 'the request was not sent' },
    });
  });

  test('a write that was done is answered and on the record even if its cookies cannot be kept', async () => {
    upstream.behave((asked, response) => {
      if (asked.target === '/api/orders') response.setHeader('set-cookie', 'cart=1; Path=/');
      return false;
    });
    system.break((method) => (method === 'saveJar' ? gone() : null));
    expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
    upstream.behave(null);
    // The row is written when the answer has been delivered.
    await expect
      .poll(async () => (await eventsSeenBy(person('u-mia'))).at(-1))
      .toMatchObject({ event: 'action', outcome: 'ok', status_code: 201 });
  });

  test('an error that nobody foresaw refuses acting as well, with no word about its cause', async () => {
    system.break((method) => (method === 'commit' ? new TypeError('secret cause') : null));
    const response = await mia.send('POST', '/api/orders', {});
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('internal_error');
    expect(text).not.toContain('secret cause');
    expect(upstream.executed).toEqual([]);
    expect((await eventsSeenBy(person('u-mia'))).at(-1)).toMatchObject({ event: 'action', outcome: 'error' });
  });
});

describe('while the upstream is down', () => {
  test('everybody is told so, the seat is kept, and the next request after it is back works', async () => {
    const mia = person('u-mia');
    await mia.actAs('u-sam');
    const { port } = new URL(upstream.url);
    await upstream.close();
    expect(await codeOf(await mia.send('POST', '/api/orders', {}))).toBe('502 upstream_unreachable');
    expect(await codeOf(await person('u-sue').get('/market'))).toBe('502 upstream_unreachable');
    expect(await codeOf(await person('u-mo').send('POST', '/_act-as/sessions', { subject: 'u-sue' }))).toBe(
      '502 upstream_unreachable',
    );
    expect((await mia.get('/_act-as/status')).status).toBe(200);
    upstream = await startLenientUpstream(Number(port));
    await expect
      .poll(async () => (await mia.send('POST', '/api/orders', {})).status, { timeout: 5_000 })
      .toBe(201);
    expect(upstream.executed.at(-1)?.as).toBe('u-sam');
    expect((await person('u-sue').get('/market')).status).toBe(200);
    await mia.stop();
  });
});
