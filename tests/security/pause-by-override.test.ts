/**
 * The story: a shopper was being helped, and deleting from the cart was paused. The app heeds `_method`, so the shopper's
 * page posted and was taken for a DELETE: two people wrote into one cart at once.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import type { Visitor } from '../visitor.ts';

const RULE = '  - { id: pause-saved, while: assisted, on: [DELETE /api/saved/:id], effect: pause }\n';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let lenient: LenientSystem;
let sam: Visitor;

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) => yaml.replace(/^tests:[^]*$/m, '').replace('rules:\n', `rules:\n${RULE}`),
  });
  sam = lenient.person('u-sam');
  await lenient.person('u-mia').actAs('u-sam');
});
afterAll(() => lenient.close());

async function post(target: string, headers: Record<string, string> = {}, body = ''): Promise<number> {
  lenient.upstream.forget();
  const answer = await fetch(lenient.system.url + target, {
    method: 'POST',
    headers: { cookie: lenient.cookies(sam), ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

test.each([
  ['in a header', '/api/saved/7', { 'x-http-method-override': 'DELETE' }, ''],
  ['in the query', '/api/saved/7?_method=delete', {}, ''],
  ['in a form', '/api/saved/7', FORM, 'a=1&_method=DELETE'],
  [
    'in a form that says it is something else',
    '/api/saved/7',
    { 'content-type': 'text/plain' },
    '_method=DELETE',
  ],
] as const)(
  'a wish for the paused method, %s, is paused like the method',
  async (_, target, headers, body) => {
    expect(await post(target, headers, body)).toBe(423);
    expect(lenient.upstream.executed).toEqual([]);
  },
);

test('a post that wishes for nothing goes on, and its body with it', async () => {
  expect(await post('/api/saved/7', FORM, 'a=1&b=2')).toBe(201);
  expect(lenient.upstream.executed.map(({ line, body }) => [line, body])).toEqual([
    ['POST /api/saved/7', 'a=1&b=2'],
  ]);
});

test('a body too long to be looked into is refused rather than guessed at', async () => {
  expect(await post('/api/saved/7', FORM, `a=${'x'.repeat(2 * 1024 * 1024)}`)).toBe(413);
  expect(lenient.upstream.executed).toEqual([]);
});
