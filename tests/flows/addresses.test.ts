/** A session that changes its address or its browser midway may have changed hands: that is marked, or ends it. */
import { afterEach, describe, expect, it } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;

afterEach(() => lenient.close());

async function begin(gateway = '', policy = 'mark'): Promise<void> {
  lenient = await startLenientSystem({
    editGateway: (yaml) => `${yaml.replace(/^record: .*$/m, gateway)}\ntrusted_proxies: [127.0.0.1]\n`,
    editPolicy: (yaml) => yaml.replace('on_address_change: mark', `on_address_change: ${policy}`),
  });
  mia = lenient.person('u-mia');
}

const at = (address: string, agent = 'Phone'): Record<string, string> => ({
  'x-forwarded-for': address,
  'user-agent': agent,
});

async function actAs(who: Visitor, from: Record<string, string>): Promise<void> {
  const started = await who.send('POST', '/_act-as/sessions', { subject: 'u-sam' }, from);
  expect(started.status).toBe(201);
}

async function actions(): Promise<readonly (string | null)[]> {
  return (await lenient.events()).map(({ action }) => action);
}

/** Of each row, in order: its address, as reviewers export it. */
async function addresses(): Promise<readonly string[]> {
  const csv = await (await lenient.person('u-root').get('/admin/impersonation-audit/export.csv')).text();
  return csv
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => /\b198\.51\.100\.\d+\b/.exec(line)?.[0] ?? '')
    .toReversed();
}

describe('an acting session that moves', () => {
  it('is marked once for each address and each browser, and goes on', async () => {
    await begin();
    await actAs(mia, at('198.51.100.1'));
    for (const from of [
      at('198.51.100.1'),
      at('198.51.100.2'),
      at('198.51.100.2'),
      at('198.51.100.1'),
      at('198.51.100.1', 'Laptop'),
      at('198.51.100.1', 'Laptop'),
    ])
      expect((await mia.get('/api/cart', from)).status).toBe(200);
    expect(await actions()).toEqual(['start_acting', 'address_changed', 'browser_changed']);
    expect(await addresses()).toEqual(['198.51.100.1', '198.51.100.2', '198.51.100.1']);
    const { session_id: id = '' } = (await lenient.events())[0] ?? {};
    const page = await lenient.person('u-root').visit(`/admin/impersonation-audit/sessions/${id}`);
    expect(await page.text()).toContain('Address changed');
  });

  it('ends where the policy says so, before anything of the new place is sent', async () => {
    await begin('', 'end');
    await actAs(mia, at('198.51.100.1'));
    lenient.upstream.forget();
    const moved = await mia.send('POST', '/api/orders', {}, at('198.51.100.9'));
    expect([moved.status, await moved.json()]).toMatchObject([401, { code: 'session_ended' }]);
    expect((await mia.send('POST', '/api/orders', {}, at('198.51.100.1'))).status).toBe(401);
    expect(lenient.upstream.executed).toEqual([]);
    expect(await actions()).toEqual(['start_acting', 'address_changed', 'address_or_browser_changed']);
    expect((await lenient.events()).at(-1)?.event).toBe('expired');
  });

  it('is let be where the policy says so', async () => {
    await begin('', 'ignore');
    await actAs(mia, at('198.51.100.1'));
    expect((await mia.get('/api/cart', at('198.51.100.2', 'Laptop'))).status).toBe(200);
    expect(await actions()).toEqual(['start_acting']);
  });

  it('is marked so many times and no more', async () => {
    await begin();
    await actAs(mia, at('198.51.100.1'));
    for (let last = 2; last < 40; last += 1) await mia.get('/api/cart', at(`198.51.100.${last}`));
    expect(await actions()).toHaveLength(21);
  });
});

describe('addresses on the record', () => {
  it('are the actor’s, unless configured otherwise; the subject’s only where configured', async () => {
    await begin();
    await actAs(mia, at('198.51.100.1'));
    await lenient.person('u-sam').visit('/cart', at('198.51.100.77'));
    expect(await addresses()).toEqual(['198.51.100.1']);
  });

  it('can be left out, and then nobody compares them', async () => {
    await begin('record: { actor_address: false }\n');
    await actAs(mia, at('198.51.100.1'));
    await mia.get('/api/cart', at('198.51.100.2'));
    await mia.send('PUT', '/api/password', {}, at('198.51.100.2'));
    expect(await actions()).toEqual(['start_acting', 'change_password_blocked']);
    expect(await addresses()).toEqual(['', '']);
  });

  it('can be the subject’s as well: once, under their own name, when they are seen', async () => {
    await begin('record: { subject_address: true }\n');
    await actAs(mia, at('198.51.100.1'));
    const sam = lenient.person('u-sam');
    await sam.visit('/cart', at('198.51.100.77'));
    await sam.visit('/cart', at('198.51.100.77'));
    await lenient.person('u-sue').visit('/cart', at('198.51.100.78'));
    await mia.send('PUT', '/api/password', {}, at('198.51.100.1'));
    const rows = await lenient.events();
    expect(rows.map(({ action }) => action)).toEqual([
      'start_acting',
      'subject_seen',
      'change_password_blocked',
    ]);
    expect(rows[1]).toMatchObject({
      manager_name: 'Sam Whitaker',
      customer_name: 'Sam Whitaker',
      path: null,
    });
    expect(await addresses()).toEqual(['198.51.100.1', '198.51.100.77', '198.51.100.1']);
  });
});
