/**
 * The story: support staff could take any account's seat, and took an administrator's. Elsewhere the seat was a
 * shopper's when it was taken, and an hour later the shopper had been made a manager; elsewhere a manager was dismissed
 * at noon and went on ordering as a customer until two. Nobody gains by acting: never upward, never across markets,
 * never nested, never longer than the actor's own sign-in and role last.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { LenientPerson } from '../security/lenient-upstream.ts';
import { MINUTE } from '../system.ts';
import type { Visitor } from '../visitor.ts';
import { z } from 'zod';
import { jsonOf } from '../security/json-of.ts';

let lenient: LenientSystem;

beforeAll(async () => {
  lenient = await startLenientSystem();
  const add = (id: string, roles: string[], market: string | null, active = true): void =>
    void lenient.upstream.people.set(id, { name: `Person ${id}`, roles, market, active });
  add('u-both', ['shopper', 'market_manager'], 'valley');
  add('u-super', ['shopper', 'superuser'], 'valley');
  add('u-odd', ['shopper', 'accountant'], 'valley');
  add('u-none', [], 'valley');
  add('u-hal', ['shopper'], 'hill');
  add('u-nowhere', ['shopper'], null);
  add('u-ina', ['shopper'], 'valley', false);
  add('u-gus', ['grower'], 'valley');
  add('u-vic', ['volunteer'], 'valley');
  add('u-fired', ['market_manager'], 'valley', false);
  add('u-homeless', ['market_manager'], null);
});
beforeEach(() => lenient.upstream.forget());
afterAll(() => lenient.close());

async function start(actor: string, subject: string): Promise<string> {
  const response = await lenient.person(actor).send('POST', '/_act-as/sessions', { subject });
  const { fault, code } = await jsonOf(
    response,
    z.looseObject({ fault: z.string(), code: z.string() }).partial(),
  );
  return `${response.status} ${fault ?? code ?? ''}`.trim();
}

test('nobody who is more than a shopper, a grower or a volunteer can be acted for, whatever else they also are', async () => {
  expect(await start('u-mia', 'u-mo')).toBe('403 subject_protected');
  expect(await start('u-mia', 'u-root')).toBe('403 subject_protected');
  expect(await start('u-mia', 'u-both')).toBe('403 subject_protected');
  expect(await start('u-mia', 'u-super')).toBe('403 subject_protected');
  expect(await start('u-mia', 'u-odd')).toBe('403 subject_role');
  expect(await start('u-mia', 'u-none')).toBe('403 subject_role');
});

test('nobody acts as themselves, for an inactive account, or across markets', async () => {
  expect(await start('u-mia', 'u-mia')).toMatch(/^403 (?:self|subject_protected)$/);
  expect(await start('u-mia', 'u-ina')).toBe('403 subject_inactive');
  expect(await start('u-mia', 'u-hal')).toBe('403 other_market');
  expect(await start('u-mia', 'u-nowhere')).toBe('403 other_market');
  expect(await start('u-homeless', 'u-nowhere')).toBe('403 actor_not_permitted');
});

test('shoppers, growers, volunteers, superusers and dismissed managers act as nobody', async () => {
  for (const actor of ['u-sam', 'u-sue', 'u-gus', 'u-vic', 'u-root', 'u-none']) {
    expect(await start(actor, 'u-sue'), actor).toBe('403 actor_not_permitted');
  }
  expect(await start('u-fired', 'u-sue')).toMatch(/^40[13] /);
  expect(await start('u-stranger', 'u-sue')).toBe('401 not_signed_in');
});

test('a subject is the one who was asked for: an id that the app takes for somebody else is refused', async () => {
  for (const subject of [
    '../me',
    'u-sam/../u-root',
    'u-sam?x',
    'u-sam%2f',
    '..',
    '',
    'u-sam#',
    ' u-sam',
    'u-sam\u0000',
  ]) {
    const response = await lenient.person('u-mia').send('POST', '/_act-as/sessions', { subject });
    expect([404, 422], JSON.stringify(subject)).toContain(response.status);
  }
  expect((await lenient.person('u-mia').send('POST', '/_act-as/sessions', { subject: 'U-SAM' })).status).toBe(
    404,
  );
  for (const body of [
    { subject: ['u-sam'] },
    { subject: { id: 'u-sam' } },
    { subject: 'u-sam', mode: 'full' },
    {},
    [],
    'u-sam',
    null,
  ]) {
    expect(
      (await lenient.person('u-mia').send('POST', '/_act-as/sessions', body)).status,
      JSON.stringify(body),
    ).toBeGreaterThanOrEqual(400);
  }
});

describe('in the middle of a session', () => {
  let mia: Visitor;

  beforeEach(async () => {
    mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    lenient.upstream.forget();
  });
  afterEach(async () => {
    await mia.stop();
  });

  function person(id: string): LenientPerson {
    const found = lenient.upstream.people.get(id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  async function withChange(
    id: string,
    change: Partial<LenientPerson>,
    check: () => Promise<void>,
  ): Promise<void> {
    const before = { ...person(id) };
    Object.assign(person(id), change);
    try {
      await check();
    } finally {
      Object.assign(person(id), before);
    }
  }

  async function expectEnded(action: string): Promise<void> {
    expect((await mia.send('POST', '/api/orders', {})).status).toBe(401);
    expect(lenient.upstream.executed).toEqual([]);
    expect((await lenient.events()).at(-1)).toMatchObject({ event: 'expired', action });
  }

  test('there is no second one inside it: the seat of a shopper is not a place to start from', async () => {
    const response = await mia.send('POST', '/_act-as/sessions', { subject: 'u-sue' });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'seat_taken', fault: 'actor' });
  });

  test('the subject’s own token, were it ever to leak, starts nothing and reads no record', async () => {
    await mia.get('/market');
    const token = lenient.upstream.executed.at(-1)?.headers.authorization ?? '';
    expect(token).toMatch(/^Bearer /);
    const thief = lenient.person('u-nobody');
    thief.cookies.clear();
    expect(
      (await thief.send('POST', '/_act-as/sessions', { subject: 'u-sue' }, { authorization: token })).status,
    ).toBe(403);
    expect((await thief.get('/admin/impersonation-audit/events.json', { authorization: token })).status).toBe(
      403,
    );
  });

  test('a manager who loses the role, the market or the account loses the seat with the next write', async () => {
    await withChange('u-mia', { roles: ['shopper'] }, () => expectEnded('actor_not_permitted'));
    await mia.actAs('u-sam');
    await withChange('u-mia', { market: 'hill' }, () => expectEnded('actor_not_permitted'));
    await mia.actAs('u-sam');
    await withChange('u-mia', { active: false }, () => expectEnded('actor_inactive'));
  });

  test('a subject who becomes a manager, leaves the market or is deactivated is not acted for any longer', async () => {
    await withChange('u-sam', { roles: ['shopper', 'market_manager'] }, () =>
      expectEnded('actor_not_permitted'),
    );
    await mia.actAs('u-sam');
    await withChange('u-sam', { market: 'hill' }, () => expectEnded('actor_not_permitted'));
    await mia.actAs('u-sam');
    await withChange('u-sam', { active: false }, () => expectEnded('actor_not_permitted'));
  });

  test('reads notice the same within a minute', async () => {
    expect((await mia.get('/market')).status).toBe(200);
    await withChange('u-sam', { roles: ['superuser'] }, async () => {
      await lenient.system.pass(MINUTE + 1);
      expect((await mia.get('/market')).status).toBe(401);
    });
  });

  test('while the app cannot say whether the subject may still be acted for, nothing is written', async () => {
    lenient.upstream.behave((asked, response) => {
      if (asked.target !== '/api/customers/u-sam') return false;
      response.writeHead(500).end();
      return true;
    });
    expect((await mia.send('POST', '/api/orders', {})).status).toBe(502);
    expect(lenient.upstream.executed).toEqual([]);
    lenient.upstream.behave(null);
    expect((await mia.send('POST', '/api/orders', {})).status).toBe(201);
  });

  test('an upstream that seats somebody else than the subject ends the session at once', async () => {
    lenient.upstream.behave((asked, response) => {
      if (asked.target !== '/api/me' || asked.as !== 'u-sam') return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"user":{"id":"u-root"}}');
      return true;
    });
    await lenient.system.pass(2 * MINUTE);
    const response = await mia.send('POST', '/api/orders', {});
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: 'delegation_refused' });
    expect(lenient.upstream.executed).toEqual([]);
    expect((await mia.get('/market')).status).toBe(401);
    lenient.upstream.behave(null);
    const ends = (await lenient.events()).filter(({ event }) => event === 'expired');
    expect(ends.at(-1)).toMatchObject({ action: 'wrong_seat' });
  });

  test('no wish of the browser prolongs it: status, own pages and refused requests do not count as work', async () => {
    await lenient.system.pass(29 * MINUTE);
    await mia.get('/_act-as/status');
    await mia.get('/_act-as/sessions');
    await mia.send('PUT', '/api/password', {});
    await mia.send('PUT', '/api//password', {});
    await lenient.system.pass(2 * MINUTE);
    expect((await mia.get('/market')).status).toBe(401);
  });
});
