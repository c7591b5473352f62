import type { RequestListener } from 'node:http';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDirectory, directorySchema } from '../../../gateway/directory/index.ts';
import { credential, fakeUpstream, json } from '../identity/fake-upstream.ts';

const sam = {
  id: 'sam',
  name: 'Sam Shaw',
  email: 'sam@valley.example',
  roles: ['shopper'],
  market: { id: 'valley', name: 'Valley Market' },
  active: true,
  assigned_to: 'sara',
  external_id: 'E-17',
};

const samFound = {
  id: 'sam',
  name: 'Sam Shaw',
  email: 'sam@valley.example',
  roles: ['shopper'],
  market: 'valley',
  active: true,
  assignedTo: 'sara',
  claims: { external_id: 'E-17' },
};

const settings = {
  search: '/api/customers?q={q}&per_page={limit}',
  fetch: '/api/customers/{id}',
  list: '/customers',
  one: '/customer',
  person: {
    id: '/id',
    name: '/name',
    email: '/email',
    roles: '/roles',
    market: '/market/id',
    active: '/active',
    assigned_to: '/assigned_to',
    claims: { external_id: '/external_id' },
  },
};

const mia = credential({ cookie: 'market_session=m1; act_as=secret', authorization: 'Bearer t1' });

async function opened(answer: RequestListener, overrides: object = {}) {
  const upstream = await fakeUpstream(answer);
  const directory = createDirectory(directorySchema.parse({ ...settings, ...overrides }), upstream);
  return { upstream, directory };
}

const failures: [string, RequestListener][] = [
  ['500', json({ customer: sam, customers: [sam] }, 500)],
  ['a redirect', (_, response) => void response.writeHead(302, { location: '/login' }).end()],
  ['HTML', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>')],
  ['another shape', json({ result: [sam] })],
  [
    'a customer without a sound status',
    json({ customer: { ...sam, active: 1 }, customers: [{ ...sam, active: 1 }] }),
  ],
  ['a list where one was expected', json({ customer: [sam], customers: { 0: sam } })],
  ['silence', () => undefined],
];

describe('searching for customers', () => {
  it("asks the app's own route as the actor, with the text encoded and the limit filled in", async () => {
    const { directory, upstream } = await opened(json({ customers: [sam] }));
    expect(await directory.search(' sam & co/#1{limit} ', 20, mia)).toEqual({
      kind: 'found',
      value: [samFound],
    });
    expect(upstream.asked[0]?.url).toBe('/api/customers?q=sam%20%26%20co%2F%231%7Blimit%7D&per_page=20');
    expect(upstream.asked[0]?.headers).toMatchObject({
      cookie: 'market_session=m1',
      authorization: 'Bearer t1',
      'x-forwarded-for': '203.0.113.7',
    });
  });

  it('shows no more than the limit, whatever the app sends', async () => {
    const { directory } = await opened(
      json({ customers: Array.from({ length: 50 }, (_, n) => ({ ...sam, id: n })) }),
    );
    const answer = await directory.search('', 20, mia);
    expect(answer.kind === 'found' ? answer.value.length : 0).toBe(20);
  });

  it('finds nobody in an empty list', async () => {
    const { directory } = await opened(json({ customers: [] }));
    expect(await directory.search('zzz', 20, mia)).toEqual({ kind: 'found', value: [] });
  });

  it('leaves out a customer whose record is odd', async () => {
    const { directory } = await opened(json({ customers: [{ ...sam, roles: null }, null, sam] }));
    expect(await directory.search('sam', 20, mia)).toEqual({ kind: 'found', value: [samFound] });
  });

  it('reads an answer that is the list itself', async () => {
    const { directory } = await opened(json([sam]), { list: undefined });
    expect(await directory.search('sam', 20, mia)).toEqual({ kind: 'found', value: [samFound] });
  });

  it('sends no more than 200 characters of text and survives broken ones', async () => {
    const { directory, upstream } = await opened(json({ customers: [] }));
    await directory.search(`\ud800${'x'.repeat(500)}`, 1e9, mia);
    expect(upstream.asked[0]?.url).toBe(`/api/customers?q=%EF%BF%BD${'x'.repeat(199)}&per_page=100`);
  });

  it.each([401, 403, 404])('takes %i for "not for you to see"', async (status) => {
    const { directory } = await opened(json({}, status));
    expect(await directory.search('sam', 20, mia)).toEqual({ kind: 'unknown' });
  });

  it.each(failures)('says that it cannot say after %s', async (_, answer) => {
    const { directory } = await opened(answer, { timeout: '100ms' });
    expect((await directory.search('sam', 20, mia)).kind).toBe('unavailable');
  });

  it('asks nothing for somebody without any credential', async () => {
    const { directory, upstream } = await opened(json({ customers: [sam] }));
    expect(await directory.search('sam', 20, credential({ cookie: 'act_as=secret' }))).toEqual({
      kind: 'unknown',
    });
    expect(upstream.asked).toHaveLength(0);
  });
});

describe('fetching a customer', () => {
  it('answers the one who was asked for', async () => {
    const { directory, upstream } = await opened(json({ customer: sam }));
    expect(await directory.fetch('sam', mia)).toEqual({ kind: 'found', value: samFound });
    expect(upstream.asked[0]?.url).toBe('/api/customers/sam');
  });

  it('knows a number by its digits', async () => {
    const { directory } = await opened(json({ customer: { ...sam, id: 42 } }));
    expect(await directory.fetch('42', mia)).toMatchObject({ kind: 'found', value: { id: '42' } });
  });

  it.each([
    ['somebody else', json({ customer: { ...sam, id: 'sue' } })],
    ['somebody whose id only looks alike', json({ customer: { ...sam, id: 'SAM' } })],
    ['nobody, with 200', json({ customer: { ...sam, id: null } })],
  ])('never takes %s for the one who was asked for', async (_, answer) => {
    const { directory } = await opened(answer);
    expect((await directory.fetch('sam', mia)).kind).toBe('unavailable');
  });

  it('does not know a customer who is null', async () => {
    const { directory } = await opened(json({ customer: null }));
    expect(await directory.fetch('sam', mia)).toEqual({ kind: 'unknown' });
  });

  it.each([401, 403, 404])('takes %i for "not for you to see"', async (status) => {
    const { directory } = await opened(json({}, status));
    expect(await directory.fetch('sam', mia)).toEqual({ kind: 'unknown' });
  });

  it.each(failures)('says that it cannot say after %s', async (_, answer) => {
    const { directory } = await opened(answer, { timeout: '100ms' });
    expect((await directory.fetch('sam', mia)).kind).toBe('unavailable');
  });

  it.each([
    '',
    '.',
    '..',
    'a..b',
    '../admin',
    'a/b',
    'a\\b',
    'a%2fb',
    'sam?x=1',
    'sam#x',
    'sam;x',
    'a b',
    'a\tb',
    'a\u0000',
    'a\u0085',
    'a\u2028b',
    '\ud800',
    'x'.repeat(129),
  ])('does not know %j and does not ask for it', async (id) => {
    const { directory, upstream } = await opened(json({ customer: { ...sam, id } }));
    expect(await directory.fetch(id, mia)).toEqual({ kind: 'unknown' });
    expect(upstream.asked).toHaveLength(0);
  });

  it('asks for exactly one path segment, whatever the id', async () => {
    const { directory, upstream } = await opened(json({}, 404));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 20 }), async (id) => {
        upstream.asked.length = 0;
        expect(await directory.fetch(id, mia)).toEqual({ kind: 'unknown' });
        const paths = upstream.asked.map(({ url }) => new URL(String(url), 'http://x').pathname);
        expect(
          paths.every(
            (path) => /^\/api\/customers\/[^/]+$/.test(path) && decodeURIComponent(path.slice(15)) === id,
          ),
        ).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the directory in gateway.yaml', () => {
  it.each<[string, object]>([
    ['a search without {q}', { search: '/api/customers' }],
    ['a fetch without {id}', { fetch: '/api/customers' }],
    ['an unknown placeholder', { fetch: '/api/{market}/{id}' }],
    ['a placeholder twice', { fetch: '/api/{id}/{id}' }],
    ['a lonely brace', { fetch: '/api/{id}/{' }],
    ['an address elsewhere', { fetch: 'https://evil.example/{id}' }],
    ['an unknown key', { lst: '/customers' }],
  ])('refuses %s', (_, overrides) => {
    expect(directorySchema.safeParse({ ...settings, ...overrides }).success).toBe(false);
  });
});
