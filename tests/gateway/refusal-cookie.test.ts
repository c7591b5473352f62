/** The app's own code may never read a refusal; the page's script must hear of it all the same, and the app must not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { visitor } from '../visitor.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.close());

it('names the refusal in a cookie of five seconds that scripts can read and that never goes upstream', async () => {
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
  const refused = await mia.send('PUT', '/api/password', {
    current_password: 'market',
    new_password: 'x'.repeat(9),
  });
  expect(refused.status).toBe(403);
  const [line = ''] = refused.headers.getSetCookie();
  const id = refused.headers.get('x-request-id') ?? '';
  expect(line).toBe(`act_as_refused=blocked.${id}; Path=/; Max-Age=5; SameSite=Lax`);
  expect(mia.cookies.get('act_as_refused')).toBe(`blocked.${id}`);

  // It is no act-as cookie, and it does not make an ordinary request anything else.
  await mia.stop();
  mia.cookies.set('act_as_refused', `blocked.${id}`);
  expect((await mia.get('/api/me')).status).toBe(200);
});

it('does not put the cookie on a page that a person looks at', async () => {
  const mia = visitor(system.url);
  await mia.signIn('mia@valley.example');
  await mia.actAs('u-sam');
  const asked = await mia.visit('/logout');
  expect(asked.status).toBe(409);
  expect(asked.headers.getSetCookie()).toEqual([]);
  await mia.stop();
});
