/** The Customer Service page as a program sees it: finding, accessing, taking over, switching, and the two ways out. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { submitForm } from './submit-form.ts';

const customerShape = z.object({ customer: z.object({ external_id: z.string().min(1) }) });
const orderShape = z.object({ order: z.object({ id: z.string(), total: z.number() }) });
const statusShape = z.object({ acting: z.object({ session_id: z.string() }) });

let system: System;
let cora: Visitor;
let mia: Visitor;
let root: Visitor;

beforeAll(async () => {
  system = await startSystem();
  [cora, mia, root] = [visitor(system.url), visitor(system.url), visitor(system.url)];
  await cora.signIn('cora@valley.example');
  await mia.signIn('mia@valley.example');
  await root.signIn('root@market.example');
});
afterEach(async () => {
  for (const who of [cora, mia]) await who.stop();
});
afterAll(() => system.close());

const page = async (who: Visitor, q = ''): Promise<string> => {
  const response = await who.visit(`/_act-as/${q === '' ? '' : `?q=${encodeURIComponent(q)}`}`);
  expect(response.status).toBe(200);
  return response.text();
};
const proofIn = (html: string): string => /name="proof" value="([^"]+)"/.exec(html)?.[1] ?? '';
const access = (who: Visitor, subject: string, more: Record<string, string> = {}): Promise<Response> =>
  submitForm(system.url, who, '/_act-as/sessions', {
    subject,
    return_to: '/_act-as/',
    takeover: 'own',
    reason: '',
    ...more,
  });

describe('finding a customer', () => {
  it.each([
    ['by name', 'Whitaker'],
    ['by e-mail address', 'sam@valley.example'],
    ['by customer ID', 'u-sam'],
  ])('works %s', async (_, q) => {
    const html = await page(cora, q);
    expect(html).toContain('data-customer="u-sam"');
    expect(html).toContain('Valley Market');
    expect(html).toContain('Access customer’s account');
    expect(html).toContain('Sara Lindgren');
  });

  it('works by external ID, where the customer has one', async () => {
    const answer: unknown = await (await cora.get('/_act-as/customers?q=whitaker')).json();
    expect(answer).toMatchObject({ customers: [{ id: 'u-sam', status: 'active' }], more: false });
    const { customer } = customerShape.parse(await (await mia.get('/api/customers/u-sam')).json());
    const external = customer.external_id;
    expect(await page(cora, external)).toContain('data-customer="u-sam"');
  });

  it('shows twenty at most, and says how to go on', async () => {
    const html = await page(cora, 'a');
    expect(html.match(/data-customer=/g)).toHaveLength(20);
    expect(html).toContain('add to your search to narrow it');
  });

  it('says of whom nobody can act for, and why', async () => {
    const html = await page(mia, 'ina@valley.example');
    expect(html).toContain('Inactive');
    expect(html).toContain('This account is not active, so nobody can act for it.');
    expect(html).not.toContain('name="subject"');
  });

  it('escapes whatever was typed', async () => {
    const html = await page(cora, '"><script>alert(1)</script>');
    expect(html).not.toContain('<script>');
  });

  it('is for those who may act, once they are signed in', async () => {
    const sam = visitor(system.url);
    expect((await sam.visit('/_act-as/')).status).toBe(401);
    await sam.signIn('sam@valley.example');
    expect((await sam.visit('/_act-as/')).status).toBe(403);
  });
});

describe('accessing an account', () => {
  it('leads to My Account with a word of success, once, and both names', async () => {
    const started = await access(cora, 'u-sam');
    expect(started.status).toBe(303);
    expect(started.headers.get('location')).toBe('/account');
    const first = await (await cora.visit('/account')).text();
    expect(first).toContain('You successfully accessed Sam Whitaker&#x2019;s account.');
    expect(first).toContain('Sam Whitaker');
    expect(first).toContain('Cora Winslow');
    expect(await (await cora.visit('/account')).text()).not.toContain('successfully accessed');
  });

  it('asks before it gives the page again, and comes back to it', async () => {
    await access(cora, 'u-sam');
    expect(await page(cora)).toContain('End it and go to Customer Service');
    const left = await submitForm(system.url, cora, '/_act-as/stop', { to: 'customer_service' });
    expect([left.status, left.headers.get('location')]).toEqual([303, '/_act-as/']);
    expect(await page(cora)).toContain('Find customer');
  });

  it('comes back to the page by “Sign in as yourself”, and leaves the market by “Sign out”', async () => {
    await access(cora, 'u-sam');
    expect((await submitForm(system.url, cora, '/_act-as/stop', {})).headers.get('location')).toBe(
      '/_act-as/',
    );
    const other = visitor(system.url);
    await other.signIn('cora@valley.example');
    await access(other, 'u-sam');
    const out = await submitForm(system.url, other, '/_act-as/stop', { sign_out: 'true' });
    expect(out.headers.get('location')).toBe('/');
    expect((await other.get('/api/me')).status).toBe(401);
  });

  it('of the next customer ends the session of the one before, as stopped', async () => {
    const proof = proofIn(await page(cora, 'nakamura'));
    await access(cora, 'u-sam');
    expect((await access(cora, 'u-sue', { proof })).status).toBe(303);
    expect(await (await cora.visit('/account')).text()).toContain('Sue Nakamura');
    const lately = (await eventsSeenBy(root)).slice(-2);
    expect(lately).toMatchObject([
      { event: 'stop', action: 'stop_acting', customer_name: 'Sam Whitaker' },
      { event: 'start', customer_name: 'Sue Nakamura' },
    ]);
  });

  it('is not to be had by a script in the page of the customer before', async () => {
    const others = proofIn(await page(mia, 'nakamura'));
    await access(cora, 'u-sam');
    for (const proof of ['', 'made-up', others])
      for (const takeover of ['own', 'true'])
        expect((await access(cora, 'u-sue', { proof, takeover })).status, `${proof} ${takeover}`).toBe(409);
    expect(await page(cora, 'nakamura')).not.toContain('name="proof"');
    expect(await (await cora.visit('/account')).text()).toContain('Sam Whitaker');
  });

  it('is refused from another site’s page', async () => {
    const response = await submitForm(
      system.url,
      cora,
      '/_act-as/sessions',
      { subject: 'u-sam' },
      { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
    );
    expect(response.status).toBe(403);
  });
});

describe('a seat that is taken', () => {
  it('is named with its holder and since when, and is taken over by those who may', async () => {
    const sara = visitor(system.url);
    await sara.signIn('sara@valley.example');
    await sara.actAs('u-sam');
    const html = await page(cora, 'whitaker');
    expect(html.replace(/\s+/g, ' ')).toMatch(/<bdi>Sara Lindgren<\/bdi> is in this seat since <time/);
    expect(html).toContain('Take over');
    expect((await access(cora, 'u-sam')).status).toBe(409);
    expect((await access(cora, 'u-sam', { takeover: 'true' })).status).toBe(303);
    const refused = await sara.visit('/account');
    expect(refused.status).toBe(401);
    const words = await refused.text();
    expect(words).toContain('A colleague took the seat over.');
    expect(words).toContain('What is in Sam Whitaker’s cart stays there.');
    await sara.stop();
  });

  it('stays taken for those who may not', async () => {
    await mia.actAs('u-sam');
    const sara = visitor(system.url);
    await sara.signIn('sara@valley.example');
    const html = await page(sara, 'whitaker');
    expect(html).toContain('You cannot take it over.');
    expect(html).not.toContain('name="subject"');
    expect((await access(sara, 'u-sam', { takeover: 'true' })).status).toBe(409);
  });
});

describe('after signing in to the app', () => {
  it('a customer-service representative begins on the page, once', async () => {
    const fresh = visitor(system.url);
    await fresh.signIn('cora@valley.example');
    const first = await fresh.visit('/staff');
    expect([first.status, first.headers.get('location')]).toEqual([303, '/_act-as/']);
    expect((await fresh.visit('/staff')).status).toBe(200);
  });

  it('everyone else begins where the app lets them', async () => {
    const sara = visitor(system.url);
    await sara.signIn('sara@valley.example');
    expect((await sara.visit('/staff')).status).toBe(200);
    const sam = visitor(system.url);
    await sam.signIn('sam@valley.example');
    expect((await sam.visit('/market')).status).toBe(200);
  });

  it('the cookie alone leads nobody anywhere', async () => {
    const nobody = visitor(system.url);
    nobody.cookies.set('act_as_signed_in', '1');
    expect((await nobody.visit('/')).headers.get('location')).not.toBe('/_act-as/');
  });
});

describe('My orders', () => {
  it('has what the representative placed while acting, in money, and nothing of anybody else', async () => {
    await access(cora, 'u-sam');
    await cora.send('POST', '/_act-as/lock', { locked: true });
    const { order } = orderShape.parse(await (await cora.send('POST', '/api/orders', {})).json());
    const own = statusShape.parse(await (await cora.get('/_act-as/status')).json());
    await cora.stop();
    await expect.poll(() => page(cora)).toContain(order.id);
    const html = await page(cora);
    expect(html).toContain(`Total: <strong>$${(order.total / 100).toFixed(2)}</strong>`);
    expect(html).toContain('Sam Whitaker');
    expect(html).toContain(own.acting.session_id);
    expect(await page(mia)).not.toContain(order.id);

    const found = await mia.visit(`/admin/impersonation-audit/orders?id=${order.id}`);
    expect(found.status).toBe(303);
    expect(found.headers.get('location')).toContain(`/sessions/${own.acting.session_id}#event-`);
    const timeline = await (await mia.visit(found.headers.get('location') ?? '')).text();
    expect(timeline).toContain(`$${(order.total / 100).toFixed(2)}`);
    expect((await mia.visit('/admin/impersonation-audit/orders?id=V-0')).status).toBe(404);
    const max = visitor(system.url);
    await max.signIn('max@hill.example');
    expect((await max.visit(`/admin/impersonation-audit/orders?id=${order.id}`)).status).toBe(404);
  });
});
