/**
 * The story: `SameSite=Lax` keeps other sites out, not siblings: a page at another port or sub-domain of the same site
 * submitted a form, the act-as cookie went along, and the gateway added the subject's bearer to it. An app that asks no
 * CSRF token of a bearer request executes it, and the record says that the manager did it.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Visitor } from '../visitor.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

let lenient: LenientSystem;
let mia: Visitor;
beforeEach(async () => {
  lenient = await startLenientSystem();
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  lenient.upstream.forget();
});
afterEach(() => lenient.close());

for (const [what, headers] of [
  ['a sibling', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
  ['an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['another site', { origin: 'https://evil.example' }],
] as const) {
  test(`an acting write asked by a page of ${what} is not sent`, async () => {
    const answer = await mia.send(
      'POST',
      '/api/cart/items',
      {},
      { ...headers, 'content-type': 'text/plain' },
    );
    expect(answer.status).toBe(403);
    expect(lenient.upstream.executed.map(({ line }) => line)).toEqual([]);
  });
}

test('the manager’s own page may', async () => {
  expect((await mia.send('POST', '/api/cart/items', {})).status).toBe(201);
});
