import { afterAll, beforeEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';

const made = z.object({
  url: z.string(),
  link: z.looseObject({ id: z.string(), expires_at: z.string() }),
});
const listed = z.object({ links: z.array(z.looseObject({ id: z.string() })) });

let lenient: LenientSystem;
let mia: Visitor;
let mo: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem();
});
afterAll(() => lenient.close());
beforeEach(() => {
  mia = lenient.person('u-mia');
  mo = lenient.person('u-mo');
});

async function link(by: Visitor, more: Readonly<Record<string, unknown>> = {}) {
  const response = await by.send('POST', '/_act-as/links', { subject: 'u-sam', actor: 'u-mo', ...more });
  expect(response.status).toBe(201);
  const { url, link: facts } = await jsonOf(response, made);
  return { path: url.slice(lenient.system.url.length), id: facts.id, expiresAt: facts.expires_at };
}

/** As the button on the page behind the link does: a form on a page that tells nobody its address. */
const press = (who: Visitor, path: string): Promise<Response> =>
  who.send('POST', path, undefined, {
    accept: 'text/html',
    origin: 'null',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'content-type': 'application/x-www-form-urlencoded',
  });

async function rowsOf(id: string) {
  return (await lenient.events()).filter((row) => row.session_id === id);
}

describe('a link for one member of staff', () => {
  it('shows who, why and how long, and begins nothing until the button is pressed', async () => {
    const { path } = await link(mia, { reason: 'Call back about order 7' });
    const page = await mo.visit(path, { 'sec-fetch-site': 'none' });
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('Sam Whitaker');
    expect(text).toContain('Call back about order 7');
    expect(text).toContain('Mia Moreno');
    expect(text).toContain('at most 120 minutes');
    expect(text).toMatch(/Apr 1\d, \d+:\d\d [AP]M EDT/);
    expect(mo.cookies.has('act_as')).toBe(false);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toContain(path.slice('/_act-as/open/'.length));

    const started = await press(mo, path);
    expect([started.status, started.headers.get('location')]).toEqual([303, '/market']);
    expect(started.headers.get('referrer-policy')).toBe('no-referrer');
    lenient.upstream.forget();
    await mo.get('/api/cart');
    expect(lenient.upstream.executed[0]?.as).toBe('u-sam');
    await mo.stop();
  });

  it('stands on the record: made, used, and in the first row of its session', async () => {
    const { path, id, expiresAt } = await link(mia);
    await press(mo, path);
    await mo.stop();
    const [created, used] = await rowsOf(id);
    expect(created).toMatchObject({
      action: 'link_created',
      manager_name: 'Mia Moreno',
      customer_name: 'Sam Whitaker',
      details: { made_for: 'u-mo', expires_at: expiresAt },
    });
    expect(used).toMatchObject({ action: 'link_used', manager_name: 'Mo Second' });
    const start = (await lenient.events()).findLast(({ event }) => event === 'start');
    expect(start).toMatchObject({
      session_id: used?.details['session'],
      path: '/_act-as/open',
      details: { by: 'link', link: id },
    });
  });

  it('asks a stranger to sign in beside it, and goes on when they have', async () => {
    const { path } = await link(mia);
    const stranger = lenient.person('nobody');
    const page = await stranger.visit(path);
    const text = await page.text();
    expect(page.status).toBe(401);
    expect(text).toContain('rel="noopener noreferrer"');
    expect(text).not.toContain('Sam');
    stranger.cookies.set('market_session', 'u-mo');
    expect(await (await stranger.visit(path)).text()).toContain('Sam Whitaker');
  });

  it('is listed for who made it, who may use it and who reviews the market, until it is used', async () => {
    const { path, id } = await link(mia);
    const sees = async (who: Visitor): Promise<boolean> =>
      (await jsonOf(await who.get('/_act-as/links'), listed)).links.some((one) => one.id === id);
    expect([await sees(mia), await sees(mo), await sees(lenient.person('u-root'))]).toEqual([
      true,
      true,
      true,
    ]);
    expect(await sees(lenient.person('u-sam'))).toBe(false);
    await press(mo, path);
    await mo.stop();
    expect(await sees(mia)).toBe(false);
  });

  it('is of no use once revoked, which stands on the record', async () => {
    const { path, id } = await link(mia);
    const revoked = await mia.send('POST', `/_act-as/links/${id}/revoke`);
    expect([revoked.status, await revoked.json()]).toEqual([200, { revoked: true }]);
    expect((await press(mo, path)).status).toBe(410);
    expect((await rowsOf(id)).map(({ action }) => action)).toEqual([
      'link_created',
      'link_revoked',
      'link_refused',
    ]);
    expect((await mia.send('POST', `/_act-as/links/${id}/revoke`)).status).toBe(404);
  });

  it('is of no use after its time', async () => {
    const { path } = await link(mia, { expires_in: '10m' });
    await lenient.system.pass(10 * MINUTE - 1);
    expect((await mo.visit(path)).status).toBe(200);
    await lenient.system.pass(1);
    const late = await mo.send('POST', path);
    expect([late.status, await late.json()]).toMatchObject([410, { code: 'link_spent', fault: 'expired' }]);
  });

  it('waits while the seat is taken, and is not used up by trying', async () => {
    const { path, id } = await link(mia);
    await mia.actAs('u-sam');
    const refused = await mo.send('POST', path);
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'seat_taken' }]);
    expect((await rowsOf(id)).at(-1)).toMatchObject({ action: 'link_refused', outcome: 'blocked' });
    await mia.stop();
    expect((await mo.send('POST', path)).status).toBe(201);
    await mo.stop();
  });

  it('cannot be made for longer than configured, nor with a reason too long, nor for nobody', async () => {
    const ask = (body: unknown): Promise<Response> => mia.send('POST', '/_act-as/links', body);
    expect((await ask({ subject: 'u-sam', expires_in: '8d' })).status).toBe(422);
    expect((await ask({ subject: 'u-sam', expires_in: '0s' })).status).toBe(422);
    expect((await ask({ subject: 'u-sam', reason: 'x'.repeat(251) })).status).toBe(422);
    expect((await ask({ subject: 'u-nobody' })).status).toBe(404);
    expect((await ask({ subject: 'u-sam', admin: true })).status).toBe(422);
    expect((await ask({})).status).toBe(422);
  });
});
