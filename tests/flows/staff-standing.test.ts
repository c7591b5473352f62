/**
 * The story: a salesman was dismissed at noon and went on ordering in customers' names until his session ran out; a
 * customer whose account was blocked was helped all the same. Standing is asked of the app, with every request.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';

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
  it('who become inactive lose their session with their next write', async () => {
    const stan = await acting('stan@valley.example', 'u-105');
    expect((await mia.send('PUT', '/api/staff/members/u-stan', { active: false })).status).toBe(200);
    const late = await stan.send('POST', '/api/cart/items', { product_id: 'honey', quantity: 1 });
    expect(late.status).toBe(401);
    expect((await eventsSeenBy(root)).at(-1)).toMatchObject({
      event: 'expired',
      action: 'actor_not_permitted',
      manager_name: 'Stan Kowalski',
    });
    expect((await stan.get('/_act-as/customers?q=a')).status).toBe(401);
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
