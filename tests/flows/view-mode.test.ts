/** The story: an auditor wanted to see what a shopper sees, and ordered forty jars of honey by leaning on a key. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let mia: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) =>
      yaml
        .replace('actors: [market_manager], subjects', 'actors: [market_manager], mode: view, subjects')
        .replace(/^tests:[^]*$/m, '')
        .replace(
          'rules:\n',
          `rules:
  - { id: search, on: [POST /api/search], effect: allow, reads: true }
  - { id: report, on: [POST /api/report], effect: audit, reads: true }
  - { id: try-out, on: [POST /api/try-out], effect: allow }
`,
        ),
  });
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
afterAll(() => lenient.close());

test('a session that may only look says so on every page', async () => {
  lenient.upstream.behave((request, response) => {
    if (request.method !== 'GET' || request.target !== '/market') return false;
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body><h1>Market</h1>');
    return true;
  });
  const page = await (await mia.visit('/market')).text();
  expect(page).toContain('<h1>Market</h1>');
  expect(page).toContain('View only');
});

test('reads pass, and so do the POSTs that only read', async () => {
  expect((await mia.get('/api/orders')).status).toBe(200);
  expect((await mia.send('POST', '/api/search', { q: 'honey' })).status).toBe(201);
  expect((await mia.send('POST', '/api/report', {})).status).toBe(201);
  await expect
    .poll(async () => (await lenient.events()).at(-1))
    .toMatchObject({ event: 'action', action: 'report', outcome: 'ok' });
});

test('nothing else is written, whatever a rule permits in a full session, and each attempt is a row', async () => {
  lenient.upstream.forget();
  for (const [method, path] of [
    ['POST', '/api/orders'],
    ['POST', '/api/cart/items'],
    ['DELETE', '/api/cart/items/1'],
    ['POST', '/api/try-out'],
    ['POST', '/api/unheard-of'],
    ['POST', '/api/Search'],
  ] as const) {
    const response = await mia.send(method, path, {});
    expect(response.status, path).toBe(403);
    expect(await response.json(), path).toMatchObject({ code: 'blocked', fault: 'view_mode' });
    expect((await lenient.events()).at(-1), path).toMatchObject({
      event: 'blocked',
      action: 'view_mode_blocked',
      path,
    });
  }
  expect(lenient.upstream.executed).toEqual([]);
});

test('what is off-limits to everyone is refused by its own rule, and signing out still asks', async () => {
  expect(await (await mia.send('PUT', '/api/password', {})).json()).toMatchObject({
    fault: 'change-password',
  });
  expect(await (await mia.send('POST', '/api/logout')).json()).toMatchObject({ code: 'confirm' });
});
