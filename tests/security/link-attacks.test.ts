/**
 * A link that takes a seat is an address, and addresses travel: forwarded by mail, kept in histories, fetched by scanners
 * and previews, guessed at, opened by the wrong person, opened twice. Whoever has it must still be the one person it
 * names, signed in, permitted at that moment, and the first to press its button.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Visitor } from '../visitor.ts';
import { jsonOf } from './json-of.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

const made = z.object({ url: z.string(), link: z.looseObject({ id: z.string() }) });

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

async function link(actor = 'u-mo'): Promise<{ path: string; id: string }> {
  const response = await mia.send('POST', '/_act-as/links', { subject: 'u-sam', actor });
  const { url, link: facts } = await jsonOf(response, made);
  return { path: url.slice(lenient.system.url.length), id: facts.id };
}

/** A press looks at its customer before the link is claimed and once more after: there the app takes its time. */
function slowAtSecondLook() {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let looks = 0;
  lenient.upstream.behave(({ target }, response) => {
    if (target !== '/api/customers/u-sam') return false;
    looks += 1;
    if (looks !== 2) return false;
    reached.resolve();
    const shopper = { roles: ['shopper'], market: { id: 'valley' }, active: true, blocked: false };
    const customer = { id: 'u-sam', name: 'Sam', email: '', ...shopper, assigned_to: null };
    void goOn.promise.then(() =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ customer })),
    );
    return true;
  });
  onTestFinished(() => lenient.upstream.behave(null));
  return { reached: reached.promise, goOn: goOn.resolve };
}

async function rowsOf(id: string) {
  return (await lenient.events()).filter((row) => row.session_id === id);
}

describe('a link in other hands', () => {
  it('opens for nobody but the one it names, though they could take the seat themselves', async () => {
    const { path, id } = await link();
    for (const tried of [await mia.visit(path), await mia.send('POST', path)]) {
      expect(tried.status).toBe(403);
      expect(tried.headers.get('referrer-policy')).toBe('no-referrer');
      expect(tried.headers.getSetCookie().join()).not.toContain('act_as=');
    }
    expect((await rowsOf(id)).at(-1)).toMatchObject({
      action: 'link_refused',
      manager_name: 'Mia Moreno',
      details: { why: 'other_person', made_for: 'u-mo' },
    });
    expect((await mo.send('POST', path)).status).toBe(201);
    await mo.stop();
  });

  it('is good once: pressed again, after the session has ended too, it is refused and recorded', async () => {
    const { path, id } = await link();
    expect((await mo.send('POST', path)).status).toBe(201);
    await mo.stop();
    const again = await mo.send('POST', path);
    expect([again.status, await again.json()]).toMatchObject([410, { fault: 'used' }]);
    expect((await rowsOf(id)).at(-1)).toMatchObject({ action: 'link_refused', details: { why: 'used' } });
  });

  it('is good once for twenty clicks at the same moment', async () => {
    const { path } = await link();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => lenient.person('u-mo').send('POST', path)),
    );
    const started = answers.filter(({ status }) => status === 201);
    expect(started).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(19);
    const [first] = started;
    for (const line of first?.headers.getSetCookie() ?? []) {
      const pair = /^act_as=([^;]+)/.exec(line);
      if (pair?.[1] !== undefined) mo.cookies.set('act_as', pair[1]);
    }
    expect((await mo.stop()).status).toBe(200);
  });

  it('permits nothing that its reader is not permitted by then', async () => {
    const { path, id } = await link();
    const person = lenient.upstream.people.get('u-mo');
    if (person === undefined) throw new Error('nobody');
    lenient.upstream.people.set('u-mo', { ...person, roles: ['shopper'] });
    const refused = await mo.send('POST', path);
    lenient.upstream.people.set('u-mo', person);
    expect([refused.status, await refused.json()]).toMatchObject([403, { fault: 'actor_not_permitted' }]);
    expect((await rowsOf(id)).at(-1)).toMatchObject({ details: { why: 'actor_not_permitted' } });
  });

  it('names nobody who could not be served: a shopper with a link for a shopper is refused', async () => {
    const { path } = await link('u-sue');
    expect((await lenient.person('u-sue').send('POST', path)).status).toBe(403);
  });

  it('does not begin by being looked at, by whatever fetches it', async () => {
    const { path } = await link();
    for (const look of [
      mo.get(path),
      mo.visit(path),
      mo.send('HEAD', path),
      mo.visit(path, { 'sec-purpose': 'prefetch' }),
    ])
      expect((await look).headers.getSetCookie().join()).not.toContain('act_as=');
    expect((await mo.send('POST', path)).status).toBe(201);
    await mo.stop();
  });

  it('cannot be pressed from another site', async () => {
    const { path } = await link();
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await mo.send('POST', path, undefined, headers)).status).toBe(403);
    expect(
      (await mo.send('POST', path, undefined, { origin: 'null', 'sec-fetch-site': 'cross-site' })).status,
    ).toBe(403);
  });

  it('puts nobody into a seat that somebody else chose: a planted cookie is not taken over', async () => {
    const { path } = await link();
    mo.cookies.set('act_as', 'A'.repeat(43));
    const started = await mo.send('POST', path);
    expect(started.status).toBe(201);
    expect(mo.cookies.get('act_as')).not.toBe('A'.repeat(43));
    await mo.stop();
  });

  it('cannot be guessed, nor opened by its public id, nor by another token of ours', async () => {
    const { id } = await link();
    for (const guess of [id, 'A'.repeat(43), '..%2f..%2fapi', 'x'])
      expect((await mo.send('POST', `/_act-as/open/${guess}`)).status).toBeGreaterThanOrEqual(400);
    expect(mo.cookies.has('act_as')).toBe(false);
  });

  it('leaves its secret in no log and in no row, whatever becomes of it', async () => {
    const { path } = await link();
    const secret = path.slice('/_act-as/open/'.length);
    await mia.send('POST', path);
    await mo.send('POST', path);
    // In the seat, in a request of two meanings: what is recorded of it is a path.
    await mo.get(path, { 'act-as': 'twice' });
    // Put together by somebody whose base address ended in a slash.
    await mo.get(`/${path}`);
    await mo.get(path.replace('/open/', '//open/'), { 'act-as': 'twice' });
    await mo.get(path);
    await mo.stop();
    await mo.send('POST', path);
    expect(lenient.system.log()).not.toContain(secret);
    expect(JSON.stringify(await lenient.events())).not.toContain(secret);
  });

  it('is told to nobody by the page it leads to, by a refusal or by one that says that there is none', async () => {
    const { path } = await link();
    const pages = await Promise.all([
      mo.visit(path),
      mia.visit(path),
      lenient.person('nobody').visit(path),
      mo.visit(`${path}/`),
      mo.visit(`${path}x`),
      mo.visit(path.toUpperCase()),
      mo.visit(path.replace('/open/', '/%6fpen/')),
    ]);
    expect(pages.map(({ status }) => status)).toEqual([200, 403, 401, 404, 404, 404, 200]);
    for (const page of pages) {
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('is not made by those who could not take the seat, nor from within one', async () => {
    const ask = (who: Visitor): Promise<Response> => who.send('POST', '/_act-as/links', { subject: 'u-sam' });
    expect((await ask(lenient.person('u-sue'))).status).toBe(403);
    expect((await ask(lenient.person('nobody'))).status).toBe(401);
    expect((await mia.send('POST', '/_act-as/links', { subject: 'u-root' })).status).toBe(403);
    await mia.actAs('u-sam');
    expect((await ask(mia)).status).toBe(403);
    await mia.stop();
    const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await mia.send('POST', '/_act-as/links', { subject: 'u-sam' }, elsewhere)).status).toBe(403);
  });

  it('is revoked in the very moment in which it is pressed: no session comes of it, nor can it be pressed again', async () => {
    const { path, id } = await link();
    const { reached, goOn } = slowAtSecondLook();
    const pressed = mo.send('POST', path);
    await reached;
    const revoked = await mia.send('POST', `/_act-as/links/${id}/revoke`);
    goOn();
    const refused = await pressed;
    expect([revoked.status, await revoked.json()]).toEqual([200, { revoked: true }]);
    expect([refused.status, await refused.json()]).toMatchObject([410, { fault: 'revoked' }]);
    expect(mo.cookies.has('act_as')).toBe(false);
    expect(await (await mo.get('/_act-as/sessions')).json()).toEqual({ sessions: [] });
    expect((await mo.send('POST', path)).status).toBe(410);
    expect((await rowsOf(id)).map(({ action }) => action)).toEqual([
      'link_created',
      'link_revoked',
      'link_refused',
      'link_refused',
    ]);
  });

  it('is not revoked by those whom it does not concern', async () => {
    const { id } = await link();
    for (const who of ['u-sam', 'nobody'])
      expect(
        (await lenient.person(who).send('POST', `/_act-as/links/${id}/revoke`)).status,
      ).toBeGreaterThanOrEqual(401);
    expect((await lenient.person('u-root').send('POST', `/_act-as/links/${id}/revoke`)).status).toBe(200);
  });
});
