/**
 * The story: a shopper who was being helped filled her own profile with three hundred thousand letters. The app's answer to
 * "who is this?" was then longer than the gateway reads, which took that for an app that is down, failed open, and her
 * cart had two writers. Whoever asks must not be able to make the question fail by what is answered about them either.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

let lenient: LenientSystem;

beforeAll(async () => {
  lenient = await startLenientSystem();
  await lenient.person('u-mia').actAs('u-sam');
});
afterEach(() => {
  lenient.upstream.behave(null);
  lenient.upstream.forget();
});
afterAll(() => lenient.close());

/** What the app says of Sam from now on. */
function answerAboutSam(status: number, type: string, text: string): void {
  lenient.upstream.behave(({ target, as }, response) => {
    if (target !== '/api/me' || as !== 'u-sam') return false;
    response.writeHead(status, { 'content-type': type }).end(text);
    return true;
  });
}

const sam = { user: { id: 'u-sam', biography: 'x'.repeat(300_000) } };

test.each([
  ['too long', 'application/json', JSON.stringify(sam)],
  ['no JSON', 'text/html', '<p>Welcome back, Sam</p>'],
  ['half of it', 'application/json', '{"user":{"id":"u-sam",'],
])(
  'an answer that is %s gets no paused write through, and stands in the way of nothing else',
  async (what, type, text) => {
    answerAboutSam(200, type, text);
    // Another browser for each, of which nothing is remembered.
    const browser = { 'user-agent': what };
    const paused = await lenient.person('u-sam').send('POST', '/api/orders', {}, browser);
    expect([paused.status, await paused.json()]).toMatchObject([503, { code: 'sessions_unavailable' }]);
    expect(lenient.upstream.executed).toEqual([]);
    expect((await lenient.person('u-sam').visit('/market', browser)).status).toBe(200);
    expect((await lenient.person('u-sam').send('PUT', '/api/profile', {}, browser)).status).toBe(200);
  },
);

test('an app that is down keeps nobody from shopping', async () => {
  answerAboutSam(500, 'application/json', '{}');
  const answer = await lenient.person('u-sam').send('POST', '/api/orders', {}, { 'user-agent': 'down' });
  expect(answer.status).toBe(201);
});
