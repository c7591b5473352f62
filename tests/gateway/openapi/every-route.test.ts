import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSqliteAuditStore, type AuditStore } from '../../../audit-store/index.ts';
import { auditPages } from '../../../cli/audit-pages.ts';
import {
  createLog,
  createPolicyInForce,
  loadConfig,
  openKeyRing,
  openSessionStore,
  startGateway,
  type Gateway,
} from '../../../gateway/index.ts';
import { writeSetup } from '../../security/gateway-process.ts';
import { startLenientUpstream, type LenientUpstream } from '../../security/lenient-upstream.ts';
import { visitor, type Visitor } from '../../visitor.ts';

const responseShape = z.looseObject({
  content: z.record(z.string(), z.looseObject({ schema: z.record(z.string(), z.unknown()) })).optional(),
});
const documentShape = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
        responses: z.record(z.string(), z.union([z.strictObject({ $ref: z.string() }), responseShape])),
      }),
    ),
  ),
  components: z.looseObject({ responses: z.record(z.string(), responseShape) }),
});
type Document = z.infer<typeof documentShape>;

let folder: string;
let upstream: LenientUpstream;
let audit: AuditStore;
let gateway: Gateway;
let printed = '';
let document: Document;
let ajv: Ajv2020;
/** Operations whose answers were looked at, by `METHOD /path status`. */
const seen = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-openapi-'));
  upstream = await startLenientUpstream();
  upstream.behave(({ target }, response) => {
    if (target.startsWith('/api/customers?')) {
      const people = ['u-sam', 'u-mo'].map((id) => ({
        id,
        ...upstream.people.get(id),
        email: '',
        blocked: false,
      }));
      const customers = people.map((one) => ({ ...one, market: { id: 'valley' }, assigned_to: null }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ customers }));
    } else if (target === '/users/list') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>x</title><body><p>x</body>');
    } else return false;
    return true;
  });
  const loaded = loadConfig(writeSetup(folder), { PORT: '0', PRIVATE_PORT: '0', UPSTREAM_URL: upstream.url });
  if (!loaded.ok) throw new Error(loaded.report);
  const { config, policy } = loaded;
  const clock = { now: () => Date.now() };
  const log = createLog('silent');
  audit = await openSqliteAuditStore({ file: join(folder, 'audit.db'), clock });
  gateway = await startGateway({
    config,
    audit,
    clock,
    log,
    policy: createPolicyInForce({ file: config.policyFile, policy, audit, clock, log }),
    keys: await openKeyRing(config.keys.folder, config.delegation.algorithm),
    sessions: await openSessionStore(config, { log, clock }),
    async pages(app, parts) {
      await auditPages(app, parts);
      app.addHook('onReady', (done) => {
        printed = app.printRoutes({ commonPrefix: false });
        done();
      });
    },
  });
  document = documentShape.parse(await (await fetch(`${gateway.url}/_act-as/openapi.json`)).json());
  ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': true, date: true } });
  ajv.addSchema(document, 'openapi');
});
afterAll(async () => {
  await gateway.close();
  await audit.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Addresses of the description under which the router has several, or any. */
const DESCRIBED_AS: readonly (readonly [RegExp, string])[] = [
  [/^\/_act-as\/(?:browser\/)?\*$/, '/_act-as/browser/{version}/{file}'],
  [/^(\/admin\/impersonation-audit\/assets)\/[\w.]+$/, '$1/{name}'],
  [/:(\w+)/g, '{$1}'],
];

/** `METHOD /path` of every route of the router, as its own drawing has them; HEAD goes with GET. */
function registered(): ReadonlySet<string> {
  const above: string[] = [];
  const routes = printed.split('\n').flatMap((line) => {
    const [, branch = '', part = '', methods = ''] = /^(.*?[├└]── )(\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    if (part === '') return [];
    const depth = branch.length / 4 - 1;
    const parent = above[depth - 1] ?? '';
    const path = parent + (parent.endsWith('/') && part.startsWith('/') ? part.slice(1) : part);
    above[depth] = path;
    const address = DESCRIBED_AS.reduce((made, [from, to]) => made.replace(from, to), path);
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${address}`);
  });
  return new Set(routes);
}

function described(): ReadonlySet<string> {
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  return new Set(all);
}

/** Holds one real answer to what is written of it. */
async function hold(operation: string, answer: Response, status: number): Promise<unknown> {
  const [method = '', path = ''] = operation.split(' ');
  const written = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
  expect([operation, answer.status, written !== undefined]).toEqual([operation, status, true]);
  seen.add(`${operation} ${status}`);
  const text = await answer.text();
  if (written === undefined) return text;
  const referring = z.object({ $ref: z.string() }).safeParse(written);
  const response = referring.success ? referred(referring.data.$ref) : responseShape.parse(written);
  const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  const location = answer.headers.get('location');
  if (status >= 300 && status < 400 && location?.startsWith('/') === true) return text;
  const schema = response.content?.[type]?.schema;
  expect([operation, status, type, schema !== undefined]).toEqual([operation, status, type, true]);
  if (!type.endsWith('json')) return text;
  const value: unknown = JSON.parse(text);
  // References inside point into the whole description.
  const whole = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(JSON.parse(whole)));
  expect([operation, validate(value), validate.errors]).toEqual([operation, true, null]);
  return value;
}

function referred(reference: string): z.infer<typeof responseShape> {
  const response = document.components.responses[reference.slice('#/components/responses/'.length)];
  if (response === undefined) throw new Error(`${reference} leads nowhere`);
  return response;
}

const FORM = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'content-type': 'application/x-www-form-urlencoded',
};

function person(id: string): Visitor {
  const browser = visitor(gateway.url);
  browser.cookies.set('market_session', id);
  return browser;
}

describe('the description of our routes', () => {
  it('is OpenAPI 3.1, names every operation once and every part of a path', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters = [] } of operations) {
      const parts = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(parts);
    }
  });

  it('has every route there is, and none that there is not', () => {
    expect(registered().size).toBeGreaterThan(20);
    expect([...described()].toSorted()).toEqual([...registered()].toSorted());
  });

  it('is true of what they answer', async () => {
    const mia = person('u-mia');
    const root = person('u-root');
    const record = '/admin/impersonation-audit';

    await hold('GET /_act-as/status', await mia.get('/_act-as/status'), 200);
    await hold('GET /_act-as/customers', await mia.get('/_act-as/customers?q=u-sam'), 200);
    await hold('GET /_act-as/customers', await mia.get(`/_act-as/customers?q=${'x'.repeat(201)}`), 422);
    await hold('GET /_act-as/customers', await person('nobody').get('/_act-as/customers?q=s'), 401);
    await hold('GET /_act-as', await mia.visit('/_act-as'), 308);
    await hold('GET /_act-as/', await mia.visit('/_act-as/?q=u-sam'), 200);
    await hold('GET /_act-as/', await person('u-sue').visit('/_act-as/'), 403);

    const start = (body: unknown) => mia.send('POST', '/_act-as/sessions', body);
    await hold('POST /_act-as/sessions', await start({ subject: 'u-sam', reason: 'By telephone' }), 201);
    await hold('POST /_act-as/sessions', await start({ subject: 'u-sue' }), 409);
    await hold('GET /_act-as/status', await mia.get('/_act-as/status'), 200);
    await hold('GET /_act-as/status', await person('u-sam').get('/_act-as/status'), 200);
    await hold('GET /_act-as/customers', await person('u-mo').get('/_act-as/customers?q=u-sam'), 200);
    await hold('GET /_act-as/sessions', await root.get('/_act-as/sessions'), 200);
    await hold('GET /_act-as/sessions', await mia.get('/_act-as/sessions'), 403);
    await hold('POST /_act-as/lock', await mia.send('POST', '/_act-as/lock', { locked: true }), 403);
    await hold('POST /_act-as/lock', await mia.send('POST', '/_act-as/lock', { locked: 7 }), 422);
    await mia.send('POST', '/api/orders', {});
    await mia.send('PUT', '/api/password', {});
    await hold('GET /_act-as/stop', await mia.get('/_act-as/stop'), 405);
    await hold('POST /_act-as/stop', await mia.send('POST', '/_act-as/stop', { sign_out: 'what?' }), 422);
    await hold('POST /_act-as/stop', await mia.stop(), 200);
    await hold('POST /_act-as/stop', await mia.stop(), 409);
    await hold('POST /_act-as/sessions', await start({}), 422);
    await hold('POST /_act-as/sessions', await start({ subject: 'u-nobody' }), 404);
    await hold('POST /_act-as/sessions', await start({ subject: 'u-root' }), 403);
    await hold('POST /_act-as/lock', await mia.send('POST', '/_act-as/lock', { locked: true }), 409);

    const issued = await hold(
      'POST /_act-as/tokens',
      await mia.send('POST', '/_act-as/tokens', { subject: 'u-sam', reason: null, takeover: false }),
      201,
    );
    const { token, session } = z
      .looseObject({ token: z.string(), session: z.looseObject({ id: z.string() }) })
      .parse(issued);
    await hold('POST /_act-as/tokens', await mia.send('POST', '/_act-as/tokens', { subject: 7 }), 422);
    await hold('GET /_act-as/links', await mia.get('/_act-as/links', { 'act-as': token }), 403);
    const stop = '/_act-as/sessions/{id}/stop';
    await hold(`POST ${stop}`, await root.send('POST', `/_act-as/sessions/${session.id}/stop`), 200);
    await hold(`POST ${stop}`, await root.send('POST', `/_act-as/sessions/${session.id}/stop`), 404);
    await hold('GET /_act-as/status', await mia.get('/_act-as/status', { 'act-as': token }), 200);

    const makes = { subject: 'u-sam', reason: 'Call back', expires_in: '1h' };
    const link = await hold('POST /_act-as/links', await mia.send('POST', '/_act-as/links', makes), 201);
    const { url, link: made } = z
      .looseObject({ url: z.string(), link: z.looseObject({ id: z.string() }) })
      .parse(link);
    await hold(
      'POST /_act-as/links',
      await mia.send('POST', '/_act-as/links', { ...makes, expires_in: '9d' }),
      422,
    );
    await hold('GET /_act-as/links', await mia.get('/_act-as/links'), 200);
    const open = url.slice(gateway.url.length);
    await hold('GET /_act-as/open/{secret}', await mia.visit(open), 200);
    await hold('GET /_act-as/open/{secret}', await person('nobody').visit(open), 401);
    await hold('GET /_act-as/open/{secret}', await mia.get('/_act-as/open/unknown'), 404);
    await hold('POST /_act-as/open/{secret}', await person('u-mo').send('POST', open), 403);
    await hold('POST /_act-as/open/{secret}', await mia.send('POST', open, undefined, FORM), 303);
    await hold('POST /_act-as/stop', await mia.send('POST', '/_act-as/stop', undefined, FORM), 303);
    await hold('GET /_act-as/open/{secret}', await mia.visit(open), 410);
    await hold('POST /_act-as/open/{secret}', await mia.send('POST', open), 410);
    const revoke = (id: string) => mia.send('POST', `/_act-as/links/${id}/revoke`);
    await hold('POST /_act-as/links/{id}/revoke', await revoke(made.id), 404);
    const other = z
      .looseObject({ link: z.looseObject({ id: z.string() }) })
      .parse(await (await mia.send('POST', '/_act-as/links', makes)).json());
    await hold('POST /_act-as/links/{id}/revoke', await revoke(other.link.id), 200);

    await hold(`GET ${record}`, await root.visit(record), 200);
    await hold(`GET ${record}/`, await root.visit(`${record}/`), 308);
    const events = await hold(
      `GET ${record}/events.json`,
      await root.get(`${record}/events.json?limit=1000`),
      200,
    );
    await hold(`GET ${record}/events.json`, await root.get(`${record}/events.json?from=yesterday`), 422);
    await hold(`GET ${record}/events.json`, await person('u-sue').get(`${record}/events.json`), 403);
    await hold(`GET ${record}/newer.json`, await root.get(`${record}/newer.json?after=0&known=0`), 200);
    await hold(`GET ${record}/export.csv`, await root.get(`${record}/export.csv`), 200);
    await hold(`GET ${record}/sessions/{id}`, await root.visit(`${record}/sessions/${session.id}`), 200);
    await hold(`GET ${record}/sessions/{id}`, await root.visit(`${record}/sessions/none`), 404);
    await hold(`GET ${record}/policy`, await root.visit(`${record}/policy`), 200);
    await hold(`GET ${record}/orders`, await root.visit(`${record}/orders?id=none`), 404);
    await hold(`GET ${record}/assets/{name}`, await root.get(`${record}/assets/admin.css`), 200);
    expect(z.looseObject({ events: z.array(z.unknown()) }).parse(events).events.length).toBeGreaterThan(8);

    await hold('GET /_act-as/jwks.json', await mia.get('/_act-as/jwks.json'), 200);
    await hold('GET /_act-as/openapi.json', await mia.get('/_act-as/openapi.json'), 200);
    await hold('GET /_act-as/pages.css', await mia.get('/_act-as/pages.css'), 200);
    const page = await (await mia.visit('/users/list')).text();
    const script = /\/_act-as\/browser\/\w+\/[\w-]+\.js/.exec(page)?.[0] ?? '/_act-as/browser/none/none.js';
    const found = script.includes('none') ? 404 : 200;
    await hold('GET /_act-as/browser/{version}/{file}', await mia.get(script), found);

    const asked = new Set([...seen].map((one) => one.replace(/ \d+$/, '')));
    expect([...described()].filter((one) => !asked.has(one))).toEqual([]);
  });

  it('notices an answer that is not as described', async () => {
    const wrong = Response.json({ actor: null, acting: null, assisted: null, ended: null, more: 1 });
    await expect(hold('GET /_act-as/status', wrong, 200)).rejects.toThrow('to deeply equal');
    const unwritten = Response.json({}, { status: 418 });
    await expect(hold('GET /_act-as/status', unwritten, 418)).rejects.toThrow('to deeply equal');
  });
});
