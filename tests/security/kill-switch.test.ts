/**
 * The story: a reviewer pressed the kill switch and was told "ended"; a write was executed after it, because between the
 * touch (the commit point) and the first byte the gateway still asked the canary. In the record the action follows the stop.
 */
import { expect, onTestFinished, test } from 'vitest';
import { MINUTE } from '../system.ts';
import { z } from 'zod';
import { jsonOf, sessionsShape } from './json-of.ts';
import { startBreakable } from './breakable-sessions.ts';
import { startLenientSystem } from './lenient-system.ts';
import { startLenientUpstream } from './lenient-upstream.ts';
import { visitor } from '../visitor.ts';

test('a session that ends while the canary is asked sends nothing', async () => {
  const lenient = await startLenientSystem();
  try {
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    await lenient.system.pass(2 * MINUTE);
    lenient.upstream.forget();
    const answers: (() => void)[] = [];
    lenient.upstream.behave(({ target, headers }, response) => {
      if (target !== '/api/me' || headers.authorization === undefined || answers.length > 0) return false;
      answers.push(() =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"user":{"id":"u-sam"}}'),
      );
      return true;
    });
    const write = mia.send('POST', '/api/cart/items', { product_id: 1 });
    await expect.poll(() => answers.length).toBe(1);
    const root = lenient.person('u-root');
    const { sessions } = await jsonOf(await root.get('/_act-as/sessions'), sessionsShape);
    expect((await root.send('POST', `/_act-as/sessions/${sessions[0]?.id ?? ''}/stop`)).status).toBe(200);
    for (const answer of answers) answer();
    expect((await write).status).toBe(401);
    expect(lenient.upstream.executed.map(({ line }) => line)).toEqual([]);
  } finally {
    await lenient.close();
  }
});

test('a session that ends while a cart that it names for the first time is kept sends nothing', async () => {
  const upstream = await startLenientUpstream();
  onTestFinished(() => upstream.close());
  const system = await startBreakable(upstream.url, {
    policy: (yaml) =>
      yaml
        .replace(/^tests:[^]*$/m, '')
        .replace(
          'on: [PUT /api/cart/items/:id]\n    effect: audit',
          "on: [PUT /api/cart/items/:id]\n    cart_id: ':id'\n    effect: audit",
        ),
  });
  onTestFinished(() => system.close());
  const mia = visitor(system.gateway.url);
  mia.cookies.set('market_session', 'u-mia');
  await mia.actAs('u-sam');
  upstream.forget();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  system.break((method) => {
    if (method !== 'change') return null;
    asked.resolve();
    return goOn.promise;
  });
  const write = mia.send('PUT', '/api/cart/items/7', { quantity: 3 });
  await asked.promise;
  expect((await mia.stop()).status).toBe(200);
  goOn.resolve();
  expect((await write).status).toBe(401);
  expect(upstream.executed).toEqual([]);
});

test.each([
  ['a program', { accept: 'application/json' }, 200],
  [
    'a person’s form',
    { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    303,
  ],
] as const)(
  'the row of a reviewer’s stop, asked for by %s, does not put the reviewer’s address under the actor’s name',
  async (_who, headers, status) => {
    const lenient = await startLenientSystem();
    try {
      await lenient.person('u-mia').actAs('u-sam');
      const root = lenient.person('u-root');
      const { sessions } = await jsonOf(await root.get('/_act-as/sessions'), sessionsShape);
      const path = `/_act-as/sessions/${sessions[0]?.id ?? ''}/stop`;
      const stopped = await root.send('POST', path, {}, { 'user-agent': 'reviewer', ...headers });
      expect(stopped.status).toBe(status);
      const events = await jsonOf(
        await root.get('/admin/impersonation-audit/events.json?event=stop'),
        z.object({ events: z.array(z.unknown()) }),
      );
      expect(events.events).toHaveLength(1);
      expect(events.events[0]).toMatchObject({
        action: 'stopped_by_reviewer',
        manager_email: 'mia@valley.example',
        ip_address: null,
        user_agent: null,
        status_code: status,
        details: { by_id: 'u-root' },
      });
    } finally {
      await lenient.close();
    }
  },
);
