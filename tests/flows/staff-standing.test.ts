/**
 * The story: a salesman was dismissed at noon and went on ordering in customers' names until his session ran out; a
 * customer whose account was blocked was helped all the same. Standing is asked of the app, with every request.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

const problemShape = z.object({ code: z.string(), fault: z.string(), detail: z.string() });
const statusShape = z.object({
  ended: z.object({ why: z.string(), sign_in_again: z.boolean(), words: z.string() }),
});

let system: System;
let mia: Visitor;
let root: Visitor;

beforeAll(async () => {
  system = await startSystem();
  [mia, root] = [visitor(system.url), visitor(system.url)];
  await mia.signIn('mia@valley.example');
  await root.signIn('root@market.example');
});
afterAll(() => system.close());

async function acting(email: string, subject: string): Promise<Visitor> {
  const who = visitor(system.url);
  await who.signIn(email);
  await who.actAs(subject);
  return who;
}
const hold = (subject: string, kind: 'blocked' | 'suspended' | null): Promise<Response> =>
  mia.send('PUT', `/api/staff/customers/${subject}/hold`, { hold: kind, reason: 'Asked for by the market.' });

describe('staff', () => {
  it('who become inactive lose their session with their next write, and are told why', async () => {
    const stan = await acting('stan@valley.example', 'u-105');
    expect((await mia.send('PUT', '/api/staff/members/u-stan', { active: false })).status).toBe(200);
    const late = await stan.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 });
    expect(late.status).toBe(401);
    const closed = 'Your own account is no longer active or was blocked';
    const problem = await jsonOf(late, problemShape);
    expect(problem).toMatchObject({ code: 'session_ended', fault: 'actor_inactive' });
    expect(problem.detail).toMatch(new RegExp(`${closed}.*’s cart stays there`));
    expect((await eventsSeenBy(root)).at(-1)).toMatchObject({
      event: 'expired',
      action: 'actor_inactive',
      manager_name: 'Stan Kowalski',
    });
    const { ended } = await jsonOf(await stan.get('/_act-as/status'), statusShape);
    expect(ended).toMatchObject({ why: 'actor_inactive', sign_in_again: true });
    expect(ended.words).toContain(closed);
    expect(await (await stan.get('/_act-as/customers?q=a')).json()).toMatchObject({
      status: 403,
      detail: 'Your account is not active.',
    });
    const page = await (await stan.visit('/market')).text();
    expect(page).toContain('Go to the sign-in page');
    expect(page).not.toContain('Continue as yourself');
    expect(await (await stan.stop()).json()).toMatchObject({ location: '/' });
  });

  it('whose sign-in is over are told that, and not that it was their account', async () => {
    const sara = await acting('sara@valley.example', 'u-sam');
    await visitor(system.url).send('POST', '/api/logout', undefined, {
      cookie: `market_session=${sara.cookies.get('market_session') ?? ''}`,
    });
    const late = await sara.send('PUT', '/api/profile', { first_name: 'Sam' });
    expect(await late.json()).toMatchObject({ code: 'session_ended', fault: 'actor_signed_out' });
  });

  it('help whom they are assigned to or, if the app says so, everyone', async () => {
    const sara = visitor(system.url);
    await sara.signIn('sara@valley.example');
    const start = async (): Promise<number> =>
      (await sara.send('POST', '/_act-as/sessions', { subject: 'u-sue' })).status;
    expect(await start()).toBe(403);
    await mia.send('PUT', '/api/staff/members/u-sara', { access_all: true });
    expect(await start()).toBe(201);
    await mia.send('PUT', '/api/staff/members/u-sara', { access_all: false });
    expect((await sara.send('PUT', '/api/profile', { first_name: 'Sue' })).status).toBe(401);
    await sara.stop();
  });
});

describe.each(['blocked', 'suspended'] as const)('a customer who is %s', (kind) => {
  it('is shown as such, and nobody acts for them', async () => {
    expect((await hold('u-sam', kind)).status).toBe(200);
    const found: unknown = await (await mia.get('/_act-as/customers?q=whitaker')).json();
    expect(found).toMatchObject({
      customers: [{ id: 'u-sam', status: 'blocked', eligible: false, reason: 'subject_blocked' }],
    });
    const page = await (await mia.visit('/_act-as/?q=whitaker')).text();
    expect(page).toContain('This account is blocked or suspended, so nobody can act for it.');
    const refused = await mia.send('POST', '/_act-as/sessions', { subject: 'u-sam' });
    expect(await refused.json()).toMatchObject({ code: 'not_allowed', fault: 'subject_blocked' });
    await hold('u-sam', null);
  });

  it('is left at once by whoever is helping them', async () => {
    const cora = await acting('cora@valley.example', 'u-sue');
    await hold('u-sue', kind);
    expect((await cora.send('PUT', '/api/profile', { first_name: 'Susan' })).status).toBe(401);
    await hold('u-sue', null);
  });
});
