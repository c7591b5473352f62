/**
 * The story: a helpful manager "just quickly" added a card for a shopper on the phone, and another changed a password
 * for someone who was not the account's owner. What is off-limits is not sent, in no form, and the record shows that it
 * was tried: a blocked row is always worth a glance.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import { message, rawExchange } from '../security/raw-exchange.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem();
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
beforeEach(() => lenient.upstream.forget());
afterAll(() => lenient.close());

const OFF_LIMITS = [
  ['PUT', '/api/password', 'change_password_blocked'],
  ['POST', '/api/cards', 'add_card_blocked'],
  ['DELETE', '/api/cards/1', 'remove_card_blocked'],
  ['POST', '/api/balance/funds', 'add_funds_blocked'],
  ['POST', '/api/account/deactivate', 'deactivate_account_blocked'],
  ['PUT', '/api/preferences', 'update_preferences_blocked'],
  ['POST', '/api/login', 'sign_in_blocked'],
] as const;

for (const [method, path, action] of OFF_LIMITS) {
  test(`${method} ${path} is refused, not sent, and on the record as ${action}`, async () => {
    const response = await mia.send(method, path, { anything: 1 });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'blocked', status: 403 });
    expect(lenient.upstream.executed).toEqual([]);
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      outcome: 'blocked',
      status_code: 403,
      method,
      path,
      action,
      customer_name: 'Sam Whitaker',
      manager_name: 'Mia Moreno',
    });
  });
}

test('a blocked path is blocked for every method that can change something, and each attempt is a row', async () => {
  const before = (await lenient.events()).length;
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    expect((await mia.send(method, '/api/password', {})).status, method).toBe(403);
  }
  expect(lenient.upstream.executed).toEqual([]);
  expect((await lenient.events()).slice(before).map(({ method, action }) => [method, action])).toEqual(
    ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, 'change_password_blocked']),
  );
});

test('a write that no rule names is blocked as well', async () => {
  const response = await mia.send('POST', '/api/brand-new-route', {});
  expect(response.status).toBe(403);
  expect(lenient.upstream.executed).toEqual([]);
  expect((await lenient.events()).at(-1)).toMatchObject({ event: 'blocked', path: '/api/brand-new-route' });
});

test('nothing of a blocked body is read: the answer comes although the body never does', async () => {
  const { answers, closed } = await rawExchange(
    lenient.system.url,
    message([
      'PUT /api/password HTTP/1.1',
      `Host: ${new URL(lenient.system.url).host}`,
      `Cookie: ${lenient.cookies(mia)}`,
      'Content-Type: application/json',
      'Content-Length: 1000000',
    ]),
    { answers: 2 },
  );
  expect(answers.map(({ status }) => status)).toEqual([403]);
  expect(answers[0]?.header('connection')).toBe('close');
  expect(closed).toBe(true);
  expect(lenient.upstream.executed).toEqual([]);
});

test('signing out is asked about, not sent, however it is spelt', async () => {
  for (const [method, path] of [
    ['POST', '/api/logout'],
    ['GET', '/logout'],
    ['HEAD', '/logout'],
    ['GET', '/Logout/'],
    ['GET', '/logout.html'],
  ] as const) {
    expect((await mia.send(method, path)).status, `${method} ${path}`).toBe(409);
  }
  expect(lenient.upstream.executed).toEqual([]);
});
