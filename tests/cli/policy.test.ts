/** `understudy policy …` from the outside: what is printed where, and with which exit code a pipeline can go on. */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { folderWith, understudy } from './understudy.ts';

const root = resolve(import.meta.dirname, '../..');
const SOUND = `version: 1
act_as: { who: [{ actors: [manager], subjects: [shopper] }] }
rules:
  - id: change-password
    on: [PUT /api/password]
    effect: block
    label: Changing the password
  - id: place-order
    on: [POST /api/orders]
    effect: audit
  - id: edit-price
    on: [PUT /api/items/:id/price]
    effect: audit
    actors: { claim: can_edit_price }
    body: { type: object, required: [price], properties: { price: { type: integer, minimum: 0 } } }
tests:
  - { name: nobody changes a password, as: manager, for: shopper, send: PUT /api/password, expect: block, rule: change-password }
  - { name: orders are placed, as: manager, for: shopper, send: POST /api/orders, expect: audit, rule: place-order }
`;
const WIDE = SOUND.replace('POST /api/orders]', 'ANY /api/orders/**]');
const BROKEN = SOUND.replace('effect: audit', 'efect: audit');
const FAILING = SOUND.replace('expect: audit, rule: place-order', 'expect: block');

describe('check', () => {
  it('is content with a sound file', async () => {
    expect(await understudy(folderWith({ 'policy.yaml': SOUND }), 'policy', 'check')).toEqual({
      code: 0,
      out: 'policy.yaml is good: 3 rules, 2 tests passed; otherwise reads allow, writes block\n',
      err: '',
    });
  });

  it('names what deserves a second look, which fails only with --strict', async () => {
    const folder = folderWith({ 'mine.yaml': WIDE });
    const run = await understudy(folder, 'policy', 'check', 'mine.yaml');
    expect(run.code).toBe(0);
    expect(run.out.split('\n').slice(0, 2)).toEqual([
      'mine.yaml:9:10: warning (any_method): rule "place-order" permits every method on /api/orders/**, DELETE and those that the app does not know yet among them',
      '    name the methods that are meant, for instance GET|POST /api/orders/**',
    ]);
    expect(run.out).toContain('2 warnings, nothing that keeps it from being used');
    expect((await understudy(folder, 'policy', 'check', 'mine.yaml', '--strict')).code).toBe(1);
    const accepted = ['--strict', '--accept', 'any_method,open_ended'];
    expect((await understudy(folder, 'policy', 'check', 'mine.yaml', ...accepted)).code).toBe(0);
  });

  it('names every mistake, a failing test among them, and fails', async () => {
    const broken = await understudy(folderWith({ 'policy.yaml': BROKEN }), 'policy', 'check');
    expect([broken.code, broken.out]).toEqual([1, '']);
    expect(broken.err).toContain('policy.yaml:10:5 rules[1].efect: unknown key — did you mean "effect"?');
    const failing = await understudy(folderWith({ 'policy.yaml': FAILING }), 'policy', 'check');
    expect(failing.code).toBe(1);
    expect(failing.err).toContain(
      'policy.yaml:18:5 tests[1]: "orders are placed": expected block, but the policy answers audit by rule place-order',
    );
  });

  it('tells a wrong command line from a wrong file', async () => {
    const folder = folderWith({ 'policy.yaml': SOUND });
    const missing = await understudy(folder, 'policy', 'check', 'polcy.yaml');
    expect([missing.code, missing.err]).toEqual([2, 'understudy: there is no policy at polcy.yaml\n']);
    const word = await understudy(folder, 'policy', 'check', '--accept', 'any_metod');
    expect([word.code, word.err]).toEqual([
      2,
      'understudy: there is no warning "any_metod"; did you mean "any_method"?\n',
    ]);
    const verb = await understudy(folder, 'policy', 'chekc');
    expect(verb.code).toBe(2);
    expect(verb.err).toContain('it knows check, test, explain, coverage, probe, schema');
  });
});

describe('test', () => {
  it('prints each test and counts them', async () => {
    const run = await understudy(folderWith({ 'policy.yaml': SOUND }), 'policy', 'test');
    expect(run).toEqual({
      code: 0,
      out: '  ok    nobody changes a password\n  ok    orders are placed\n\n2 passed, 0 failed\nrules that no test names: edit-price\n',
      err: '',
    });
  });
  it('fails with the line of each test that fails', async () => {
    const run = await understudy(folderWith({ 'policy.yaml': FAILING }), 'policy', 'test');
    expect(run.code).toBe(1);
    expect(run.out).toContain(
      '  FAIL  orders are placed\n        expected block, but the policy answers audit by rule place-order (policy.yaml:18)\n\n1 passed, 1 failed\n',
    );
  });
  it('passes the policy that ships', async () => {
    const run = await understudy(root, 'policy', 'test', 'policy.yaml');
    expect(run.out).toMatch(/\n\n\d+ passed, 0 failed\n$/);
    expect(run.code).toBe(0);
  });
});

describe('explain', () => {
  const ask = (...args: readonly string[]) =>
    understudy(folderWith({ 'policy.yaml': SOUND }), 'policy', 'explain', ...args);

  it('says what would happen, by which rule, and what came close', async () => {
    const { code, out } = await ask('GET', '/api/password');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'Permitted: manager may act for shopper.',
        '',
        'GET /api/password: allow because no rule names this read (otherwise: reads).',
        '',
        'Came close:',
        '  change-password (block PUT /api/password, line 4): it names PUT, and this is a GET',
        '',
      ].join('\n'),
    );
  });

  it('takes the people, their claims and the body into account', async () => {
    const price = ['PUT', '/api/items/7/price', '--as', 'manager', '--for', 'shopper'];
    const claim = ['--claim', 'can_edit_price'];
    const [fits, negative, unclaimed, view] = await Promise.all([
      ask(...price, ...claim, '--body', '{"price": 5}'),
      ask(...price, ...claim, '--body', '{"price": -5}'),
      ask(...price, '--body', '{"price": 5}'),
      ask('POST', '/api/orders', '--mode', 'view'),
    ]);
    expect(fits.out).toContain(
      'PUT /api/items/7/price: audit by rule edit-price (PUT /api/items/:id/price).',
    );
    expect(negative.out).toContain(
      'PUT /api/items/7/price: block because rule edit-price permits it only in part: price must be >= 0.',
    );
    expect(unclaimed.out).toContain('block because rule edit-price permits');
    expect(view.out).toContain('because the session may only look');
  });

  it('says first whether the two may act at all', async () => {
    const { code, out } = await ask('GET', '/x', '--as', 'volunteer', '--for', 'nobody');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^No session: volunteer may not act for anyone \(act_as\.who\)\. If there were one:\n\nGET \/x: allow/,
    );
    const view = await ask('GET', '/x', '--as', 'manager', '--for', 'grower', '--mode', 'view', '--assisted');
    expect(view.out).toMatch(
      /^No session: manager may not act for grower \(act_as\.who\)\. If there were one:\nThe customer sends this meanwhile\.\nThe session may only look\.\n\n/,
    );
  });

  it('says what the deciding rule amends and captures', async () => {
    const duties = SOUND.replace(
      'on: [POST /api/orders]\n    effect: audit',
      "on: [POST /api/orders]\n    effect: audit\n    amend: { json: { /note: 'Placed by {actor.name}' }, header: { x-by: 'us' } }\n    capture: { order_id: /order/id }",
    );
    const { out } = await understudy(
      folderWith({ 'policy.yaml': duties }),
      'policy',
      'explain',
      'POST',
      '/api/orders',
      '--body',
      '{}',
    );
    expect(out).toContain(
      '  amends /note with “Placed by Some actor”\n  amends header x-by with “us”\n  captures order_id from /order/id of the answer\n  on the record as place_order\n',
    );
  });

  it.each([
    [['PUT'], 'write: understudy policy explain METHOD /path'],
    [['PUT', 'api/password'], 'write: understudy policy explain METHOD /path'],
    [['PUT', '/x', '--mode', 'look'], '--mode is full or view, not "look"'],
    [['PUT', '/x', '--header', 'nonsense'], '--header wants \'name: value\', not "nonsense"'],
  ])('refuses the command line %j', async (args, message) => {
    const run = await ask(...args);
    expect([run.code, run.out]).toEqual([2, '']);
    expect(run.err).toContain(message);
  });
});

describe('coverage', () => {
  const openapi = JSON.stringify({
    openapi: '3.0.0',
    paths: { '/api/gifts/{id}': { put: {} }, '/api/orders': { post: {} } },
  });

  it('lists the routes without a rule, proposes one for each, and fails', async () => {
    const run = await understudy(
      folderWith({ 'policy.yaml': SOUND, 'app.json': openapi }),
      'policy',
      'coverage',
      '--openapi',
      'app.json',
    );
    expect(run.code).toBe(1);
    expect(run.out).toContain(
      '1 of 2 routes that change something are named by no rule (otherwise: writes: block)',
    );
    expect(run.out).toContain('  PUT /api/gifts/:id  seen in app.json\n');
    expect(run.out).toContain('  - id: update-gift\n    on: [PUT /api/gifts/:id]\n    effect: audit');
  });

  it('reads the decision log of a gateway without changing it', async () => {
    const folder = folderWith({ 'policy.yaml': SOUND });
    const file = join(folder, 'audit.db');
    const store = await openSqliteAuditStore({ file, clock: { now: () => 0 } });
    const note = {
      at: 0,
      sessionId: 's',
      side: 'acting',
      requestId: 'r',
      effect: 'block',
      rule: null,
      statusCode: 403,
    } as const;
    for (const id of [1, 2, 3])
      store.note({ ...note, method: 'POST', path: `/api/wishes/${id}`, reason: 'otherwise_writes' });
    store.note({ ...note, method: 'PUT', path: '/api/seen', reason: 'view_mode' });
    store.note({ ...note, method: 'PUT', path: '/api/password', rule: 'change-password', reason: 'rule' });
    await store.close();
    const before = readFileSync(file);
    const run = await understudy(folder, 'policy', 'coverage', '--record', 'audit.db');
    expect(run.code).toBe(1);
    expect(run.out).toContain('  POST /api/wishes/:id  seen in audit.db, 3 times\n');
    expect(run.out).not.toContain('/api/seen');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is content when every route is named', async () => {
    const folder = folderWith({
      'policy.yaml': SOUND,
      'app.json': openapi.replace('/api/gifts/{id}', '/api/password'),
    });
    expect(await understudy(folder, 'policy', 'coverage', '--openapi', 'app.json')).toEqual({
      code: 0,
      out: 'every one of the 2 routes that change something is named by a rule\n',
      err: '',
    });
  });

  it('wants to know where to look', async () => {
    const folder = folderWith({ 'policy.yaml': SOUND, 'x.yaml': 'a: 1' });
    expect((await understudy(folder, 'policy', 'coverage')).err).toContain('which routes has the app?');
    const wrong = await understudy(folder, 'policy', 'coverage', '--openapi', 'x.yaml');
    expect([wrong.code, wrong.err]).toEqual([
      2,
      'understudy: x.yaml is no OpenAPI description: it needs "openapi" with a version, and "paths"\n',
    ]);
    const absent = await understudy(folder, 'policy', 'coverage', '--record', 'none.db');
    expect([absent.code, absent.err]).toEqual([2, 'understudy: there is no record at none.db\n']);
  });
});

describe('probe', () => {
  it('asks an app and reports what leaks', async () => {
    const server = createServer((request, response) => {
      const known = request.url?.startsWith('/api/password') ?? false;
      response.writeHead(known ? 405 : 404).end(known ? 'use PUT' : 'nothing');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    try {
      const folder = folderWith({ 'policy.yaml': `${SOUND}otherwise: { writes: audit }\n` });
      const run = await understudy(folder, 'policy', 'probe', '--upstream', url);
      expect(run.out).toContain(
        'PUT /api/password/x  as /api/password (rule change-password; more path behind it',
      );
      expect(run.code).toBe(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    const gone = await understudy(folderWith({ 'policy.yaml': SOUND }), 'policy', 'probe', '--upstream', url);
    expect(gone.code).toBe(1);
    expect(gone.err).toMatch(
      /^understudy: http:\/\/127\.0\.0\.1:\d+ cannot be asked \(GET \/\): .*ECONNREFUSED.*\n$/,
    );
  });
});

it.each([
  [['policy', 'schema'], 'policy.schema.json'],
  [['config', 'schema'], 'gateway.schema.json'],
] as const)('%j prints %s', async (args, file) => {
  const run = await understudy(root, ...args);
  expect(run).toEqual({ code: 0, out: readFileSync(join(root, file), 'utf8'), err: '' });
});
