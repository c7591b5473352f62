/**
 * The story is the seed's "Who can act as a shopper": managers can, in their own market, for active people. Growers,
 * volunteers and shoppers can not, whether they press a button, type an address or write a script.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor, type Visitor } from '../visitor.ts';
import { z } from 'zod';
import { jsonOf, sessionsShape } from './json-of.ts';

let system: System;
const people = new Map<string, Visitor>();
const MARKETS = {
  sue: 'valley',
  vic: 'valley',
  gus: 'valley',
  sam: 'valley',
  sara: 'valley',
  mia: 'valley',
  max: 'hill',
  hal: 'hill',
  root: 'market',
} as const;
type Name = keyof typeof MARKETS;

beforeAll(async () => {
  system = await startSystem();
  for (const [name, market] of Object.entries(MARKETS)) {
    const browser = visitor(system.url);
    await browser.signIn(`${name}@${market}.example`);
    people.set(name, browser);
  }
});
afterAll(() => system.close());

function person(name: Name): Visitor {
  const found = people.get(name);
  if (found === undefined) throw new Error(`${name} did not sign in`);
  return found;
}

async function start(actor: Name, subject: string): Promise<string> {
  const response = await person(actor).send('POST', '/_act-as/sessions', { subject });
  const body = await jsonOf(
    response,
    z.looseObject({ fault: z.string().optional(), code: z.string().optional() }),
  );
  if (response.status === 201) await person(actor).stop();
  return [response.status, body.fault ?? body.code].filter((part) => part !== undefined).join(' ');
}

/** A person's form, without any script. */
async function startByForm(actor: Name, subject: string): Promise<Response> {
  return fetch(`${system.url}/_act-as/sessions`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: [...person(actor).cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      origin: system.url,
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ subject }).toString(),
  });
}

describe.each(['sue', 'vic', 'gus'] as const)('%s, who is no manager,', (name) => {
  test('cannot act for anybody, by script or by form', async () => {
    for (const subject of ['u-sam', 'u-sue', 'u-gus', 'u-vic', 'u-mia', 'u-hal', 'u-nobody']) {
      expect(await start(name, subject), subject).toBe('403 actor_not_permitted');
    }
    const page = await startByForm(name, 'u-sam');
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('Your role doesn’t allow acting as someone else.');
    expect(page.headers.getSetCookie().filter((line) => line.startsWith('act_as='))).toEqual([]);
  });

  test('is shown no customers, no button and no session of anybody', async () => {
    const search = await person(name).get('/_act-as/customers?q=sam');
    expect(search.status).toBe(403);
    expect(await search.text()).not.toContain('sam@');
    await person('mia').actAs('u-sam');
    expect(await (await person(name).get('/_act-as/sessions')).json()).toEqual({ sessions: [] });
    const { actor } = await jsonOf(
      await person(name).get('/_act-as/status'),
      z.looseObject({ actor: z.looseObject({ may_act: z.boolean() }) }),
    );
    expect(actor.may_act).toBe(false);
    await person('mia').stop();
  });

  test('cannot read the record, as a page, as JSON, as CSV or as one session', async () => {
    for (const path of ['', '/events.json', '/export.csv', '/sessions/x']) {
      const response = await person(name).get(`/admin/impersonation-audit${path}`);
      expect([403, 404], path).toContain(response.status);
      expect(await response.text(), path).not.toMatch(/start_acting|mia@/);
    }
    expect((await person(name).visit('/admin/impersonation-audit')).status).toBe(403);
  });

  test('cannot end somebody’s session, nor learn that it exists', async () => {
    await person('mia').actAs('u-sam');
    const { sessions } = await jsonOf(await person('root').get('/_act-as/sessions'), sessionsShape);
    const id = sessions[0]?.id ?? '';
    const real = await person(name).send('POST', `/_act-as/sessions/${id}/stop`);
    const invented = await person(name).send(
      'POST',
      '/_act-as/sessions/00000000-0000-4000-8000-000000000000/stop',
    );
    expect([real.status, invented.status]).toEqual([404, 404]);
    expect((await person('mia').get('/api/me')).status).toBe(200);
    await person('mia').stop();
  });
});

describe('max, the manager of another market,', () => {
  test('acts for his own shopper and for nobody of the other market', async () => {
    expect(await start('max', 'u-hal')).toBe('201');
    for (const subject of ['u-sam', 'u-sue', 'u-gus', 'u-vic', 'u-ina'])
      expect(await start('max', subject), subject).toMatch(/^40[34] (?:other_market|not_found)$/);
    expect((await startByForm('max', 'u-sam')).status).toBeGreaterThanOrEqual(403);
  });

  test('finds, reads and ends nothing of the other market', async () => {
    await person('mia').actAs('u-sam', 'secret reason of the valley');
    expect(await (await person('max').get('/_act-as/customers?q=sam')).json()).toEqual({
      customers: [],
      more: false,
    });
    expect(await (await person('max').get('/_act-as/sessions')).json()).toEqual({ sessions: [] });
    const { sessions } = await jsonOf(await person('root').get('/_act-as/sessions'), sessionsShape);
    const id = sessions[0]?.id ?? '';
    expect((await person('max').send('POST', `/_act-as/sessions/${id}/stop`)).status).toBe(404);
    for (const path of [
      '',
      '/events.json',
      '/export.csv',
      `/sessions/${id}`,
      '/events.json?market=valley',
      '/export.csv?market=valley',
      '?market=valley',
    ]) {
      const text = await (await person('max').get(`/admin/impersonation-audit${path}`)).text();
      expect(text, path).not.toMatch(/secret reason|sam@valley|mia@valley|Whitaker/);
    }
    expect((await person('mia').get('/api/me')).status).toBe(200);
    await person('mia').stop();
  });
});

describe('mia, the manager,', () => {
  test('acts for a shopper, a grower and a volunteer of her market', async () => {
    for (const subject of ['u-sam', 'u-sue', 'u-gus', 'u-vic'])
      expect(await start('mia', subject), subject).toBe('201');
  });

  test('does not act for managers, superusers, staff, herself, the inactive, the foreign or the unknown', async () => {
    expect(await start('mia', 'u-mia')).toMatch(/^40[34] (?:self|subject_protected|not_found)$/);
    for (const [subject, why] of [
      ['u-max', /^40[34] (?:subject_protected|not_found)$/],
      ['u-root', /^40[34] (?:subject_protected|not_found)$/],
      ['u-sara', /^40[34] (?:subject_role|not_found)$/],
      ['u-ina', /^403 subject_inactive$/],
      ['u-hal', /^40[34] (?:other_market|not_found)$/],
      ['u-nobody', /^404 not_found$/],
    ] as const) {
      expect(await start('mia', subject), subject).toMatch(why);
    }
    const page = await startByForm('mia', 'u-ina');
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('not active');
  });

  test('is told in the search whom she cannot act for, and why', async () => {
    const { customers } = await jsonOf(
      await person('mia').get('/_act-as/customers?q=ina'),
      z.object({ customers: z.array(z.looseObject({ id: z.string() })) }),
    );
    expect(customers.find(({ id }) => id === 'u-ina')).toMatchObject({
      eligible: false,
      reason: 'subject_inactive',
    });
  });

  test('ends another manager’s session of her own market: the kill switch', async () => {
    await person('sara').actAs('u-sam');
    const { sessions } = await jsonOf(await person('root').get('/_act-as/sessions'), sessionsShape);
    expect((await person('mia').send('POST', `/_act-as/sessions/${sessions[0]?.id ?? ''}/stop`)).status).toBe(
      200,
    );
    expect((await person('sara').get('/api/me')).status).toBe(401);
    await person('sara').stop();
  });
});

describe('sara, sales staff,', () => {
  test('acts for the customer who is assigned to her and for no other', async () => {
    expect(await start('sara', 'u-sam')).toBe('201');
    expect(await start('sara', 'u-sue')).toBe('403 not_assigned');
    expect(await start('sara', 'u-gus')).toMatch(/^40[34] (?:subject_role|not_found)$/);
    expect(await start('sara', 'u-mia')).toMatch(/^40[34] (?:subject_protected|not_found)$/);
    expect(await start('sara', 'u-hal')).toMatch(/^40[34] (?:other_market|not_found)$/);
  });

  test('does not read the record', async () => {
    expect((await person('sara').get('/admin/impersonation-audit/events.json')).status).toBe(403);
    expect((await person('sara').get('/admin/impersonation-audit/export.csv')).status).toBe(403);
  });
});

describe('root, the superuser,', () => {
  test('acts for nobody, and reads the record of every market', async () => {
    expect(await start('root', 'u-sam')).toBe('403 actor_not_permitted');
    await person('mia').actAs('u-sam');
    await person('max').actAs('u-hal');
    const markets = async (query: string): Promise<ReadonlySet<string>> => {
      const response = await person('root').get(`/admin/impersonation-audit/events.json${query}`);
      const { events } = await jsonOf(
        response,
        z.looseObject({ events: z.array(z.looseObject({ market_name: z.string() })) }),
      );
      return new Set(events.map(({ market_name }) => market_name));
    };
    expect(await markets('')).toEqual(new Set(['Valley Market', 'Hill Market']));
    expect(await markets('?market=hill')).toEqual(new Set(['Hill Market']));
    await person('mia').stop();
    await person('max').stop();
  });
});

test('whoever is not signed in can do none of it', async () => {
  const stranger = visitor(system.url);
  for (const path of [
    '/_act-as/customers?q=a',
    '/_act-as/sessions',
    '/admin/impersonation-audit/events.json',
    '/admin/impersonation-audit/export.csv',
  ]) {
    expect((await stranger.get(path)).status, path).toBe(401);
  }
  expect((await stranger.send('POST', '/_act-as/sessions', { subject: 'u-sam' })).status).toBe(401);
  expect((await stranger.send('POST', '/_act-as/stop')).status).toBe(409);
  expect(await (await stranger.get('/_act-as/status')).json()).toEqual({
    actor: null,
    acting: null,
    assisted: null,
    ended: null,
  });
});
