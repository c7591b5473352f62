/** `policy coverage`: which routes that change something does no rule name, and what could be said about each. */
import { describe, expect, it } from 'vitest';
import {
  findUnnamed,
  fromHar,
  fromOpenApi,
  type SeenRequest,
  spellSuggestion,
  suggestRules,
} from '../../../policy/index.ts';
import { load, loadRules, SHIPPED } from '../loaded.ts';
import { marketOpenApi } from './market-open-api.ts';

const seen = (...lines: readonly string[]): readonly SeenRequest[] =>
  lines.map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path, described: false, times: 1, source: 'here' };
  });
const none = loadRules([]);
const unnamed = (policy: ReturnType<typeof load>, ...lines: readonly string[]) =>
  findUnnamed(policy, seen(...lines)).unnamed.map(({ method, pattern }) => `${method} ${pattern}`);

describe('the reference market', () => {
  it('has no route that changes something and that no rule of the shipped policy names', async () => {
    const read = fromOpenApi('market.json', JSON.stringify(await marketOpenApi()));
    if (!read.ok) throw new Error(read.message);
    const coverage = findUnnamed(load(SHIPPED), read.seen);
    expect(coverage.unnamed).toEqual([]);
    expect(coverage.writes).toBeGreaterThan(14);
  });

  it('has one as soon as a rule is taken out', async () => {
    const read = fromOpenApi('market.json', JSON.stringify(await marketOpenApi()));
    if (!read.ok) throw new Error(read.message);
    const policy = load(
      SHIPPED.replace(/\n {2}- id: update-profile\n[^]*?(?=\n {2}- id: )/, '').replace(/\ntests:[^]*/, ''),
    );
    expect(
      findUnnamed(policy, read.seen).unnamed.map(({ method, pattern }) => `${method} ${pattern}`),
    ).toEqual(['PUT /api/profile']);
  });
});

describe('a route counts as named', () => {
  const rules = [
    '{ id: no-cards, on: [POST /cards/**], effect: block }',
    '{ id: order, on: [POST /orders/:id], effect: audit }',
    '{ id: some, on: [POST /some], effect: audit, actors: { claim: rare } }',
    '{ id: leave, on: [POST /logout], effect: confirm }',
    '{ id: hold, on: [PUT /held], while: assisted, effect: pause }',
  ];
  const policy = loadRules(rules);
  it.each([
    ['POST /cards/7', []],
    ['PUT /cards/7', []],
    ['PUT /Cards/7', []],
    ['POST /orders/7', []],
    ['POST /Orders/7', ['POST /Orders/:id']],
    ['PUT /orders/7', ['PUT /orders/:id']],
    ['POST /some', []],
    ['POST /logout', []],
    ['PUT /logout', ['PUT /logout']],
    ['PUT /held', ['PUT /held']],
    ['GET /anything', []],
    ['OPTIONS /anything', []],
    ['POST /_act-as/stop', []],
  ] as const)('%s', (line, expected) => expect(unnamed(policy, line)).toEqual(expected));
});

describe('ids in paths', () => {
  it.each([
    ['/orders/17', '/orders/:id'],
    ['/orders/7d9f3c1e-2b4a-4c6d-8e0f-112233445566', '/orders/:id'],
    ['/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/orders/:id'],
    ['/orders/65f0c0ffee1234567890abcd', '/orders/:id'],
    ['/orders/ord_1042/lines/3', '/orders/:id/lines/:id2'],
    ['/people/sam%40valley.example', '/people/:id'],
    ['/invites/Zx81kq0Trm5WvY2p9', '/invites/:id'],
    ['/api/v2/orders', '/api/v2/orders'],
    ['/oauth2/token', '/oauth2/token'],
    ['/pickup-location', '/pickup-location'],
    ['/:order', '/:id'],
  ])('%s is %s', (path, expected) => expect(unnamed(none, `POST ${path}`)).toEqual([`POST ${expected}`]));

  it('are also found where many different words stand in one place', () => {
    const names = ['ann', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal'];
    expect(unnamed(none, ...names.map((name) => `PUT /people/${name}/role`))).toEqual([
      'PUT /people/:id/role',
    ]);
    expect(unnamed(none, ...names.map((name) => `POST /api/v2/${name}`))).toHaveLength(8);
    expect(unnamed(none, ...names.slice(0, 3).map((name) => `PUT /people/${name}/role`))).toHaveLength(3);
  });
});

describe('an OpenAPI description', () => {
  it('says itself what is a parameter: many resources, or a word like an id, stay what they are', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const paths = Object.fromEntries(names.map((name) => [`/things/${name}/2024`, { post: {} }]));
    const read = fromOpenApi('x.json', JSON.stringify({ openapi: '3.1.0', paths }));
    expect(read.ok && findUnnamed(none, read.seen).unnamed.map(({ pattern }) => pattern)).toEqual(
      names.map((name) => `/things/${name}/2024`),
    );
  });
  it('is read in YAML, with the path of its server and parameters of any form', () => {
    const text = `openapi: 3.1.0
servers: [{ url: https://shop.example/api/v1/ }]
paths:
  /orders/{order-id}: { get: {}, delete: {}, parameters: [] }
  /files/{name}.pdf: { put: {} }
`;
    const read = fromOpenApi('shop.yaml', text);
    expect(read.ok && read.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/orders/:order_id',
      'DELETE /api/v1/orders/:order_id',
      'PUT /api/v1/files/:name',
    ]);
  });
  it('of version 2 is read as well', () => {
    const read = fromOpenApi('old.json', '{"swagger":"2.0","basePath":"/v1","paths":{"/a":{"post":{}}}}');
    expect(read.ok && read.seen).toEqual([
      { method: 'POST', path: '/v1/a', described: true, times: 1, source: 'old.json' },
    ]);
  });
  it.each([
    ['{', 'is neither JSON nor YAML'],
    ['a: 1', 'is no OpenAPI description'],
    ['', 'is no OpenAPI description'],
  ])('%j is none', (text, message) => {
    const read = fromOpenApi('x.yaml', text);
    expect(read.ok ? '' : read.message).toContain(message);
  });
});

describe('a recording of a browser', () => {
  const entry = (method: string, url: string) => ({ request: { method, url } });
  const har = JSON.stringify({
    log: {
      entries: [
        entry('GET', 'https://shop.example/market'),
        entry('POST', 'https://shop.example/api/orders/7?x=1'),
        entry('POST', 'https://tracker.example/collect'),
      ],
    },
  });
  it('counts what was sent to the site itself, and says what was left out', () => {
    const read = fromHar('site.har', har, null);
    expect(read.ok && read.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /market',
      'POST /api/orders/7',
    ]);
    expect(read.ok && read.leftOut).toBe(
      'site.har: only what was sent to shop.example counts; left out tracker.example',
    );
  });
  it('may be of another host', () => {
    const read = fromHar('site.har', har, 'tracker.example');
    expect(read.ok && read.seen.map(({ path }) => path)).toEqual(['/collect']);
  });
  it('is told from other files', () => {
    expect(fromHar('x.har', '{"log":1}', null)).toEqual({
      ok: false,
      message: 'x.har is no HAR recording: it needs "log" with "entries"',
    });
  });
});

describe('a proposed rule', () => {
  const proposed = (...lines: readonly string[]) =>
    suggestRules(findUnnamed(none, seen(...lines)).unnamed, []).map(
      ({ id, on, effect }) => `${id}: ${effect} ${on}`,
    );

  it.each([
    ['POST /api/orders', 'add-orders: audit POST /api/orders'],
    ['DELETE /api/orders/7', 'remove-order: audit DELETE /api/orders/:id'],
    ['POST /api/orders/7/cancel', 'cancel-order: audit POST /api/orders/:id/cancel'],
    ['PUT /api/v2/users/me/password', 'update-user-password: block PUT /api/v2/users/me/password'],
    ['POST /api/paymentMethods', 'add-payment-methods: block POST /api/paymentMethods'],
    ['POST /me/delete', 'delete-account: block POST /me/delete'],
    ['POST /login', 'add-login: block POST /login'],
    ['POST /auth/logout', 'add-auth-logout: confirm POST /auth/logout'],
    ['POST /graphql', 'add-graphql: block POST /graphql'],
    ['POST /api/$batch', 'add-batch: block POST /api/$batch'],
    ['POST /api/products/search', 'add-product-search: allow POST /api/products/search'],
    ['POST /', 'add-root: audit POST /'],
  ])('for %s', (line, expected) => expect(proposed(line)).toEqual([expected]));

  it('joins two methods that do the same', () => {
    expect(proposed('PUT /api/addresses/7', 'PATCH /api/addresses/8', 'DELETE /api/addresses/9')).toEqual([
      'remove-address: audit DELETE /api/addresses/:id',
      'update-address: audit PUT|PATCH /api/addresses/:id',
    ]);
  });

  it('never has the id of another, and is a rule that loads', () => {
    const routes = findUnnamed(
      none,
      seen('POST /a/things', 'POST /b/things', 'POST /x{y}/z,w', 'PUT /Ä/ö'),
    ).unnamed;
    const suggestions = suggestRules(routes, ['add-a-things']);
    expect(suggestions.map(({ id }) => id)).toContain('add-a-things-2');
    expect(new Set(suggestions.map(({ id }) => id)).size).toBe(suggestions.length);
  });

  it('can be put under rules as it is printed', () => {
    const routes = findUnnamed(none, seen('POST /api/orders', 'PUT /api/cards/7', 'POST /api/a,b')).unnamed;
    const lines = suggestRules(routes, []).map(spellSuggestion);
    const policy = load(
      `version: 1\nact_as: { who: [{ actors: [a], subjects: [b] }] }\nrules:\n${lines.join('\n')}\n`,
    );
    expect(
      findUnnamed(policy, seen('POST /api/orders', 'PUT /api/cards/7', 'POST /api/a,b')).unnamed,
    ).toEqual([]);
  });
});
