/**
 * `policy probe` against real routers: which other spellings does each take for a blocked route, and does the gateway see
 * them as the same? It must never send anything that could change something.
 */
import { createServer, type RequestListener } from 'node:http';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { askUpstream } from '../../../cli/ask-upstream.ts';
import { type Policy, probe, type ProbeReport } from '../../../policy/index.ts';
import { loadRules } from '../loaded.ts';
import express4 from 'express4';
import express5 from 'express5';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const seenMethods = new Set<string>();

async function listen(handler: RequestListener): Promise<URL> {
  const server = createServer((request, response) => {
    seenMethods.add(request.method ?? '');
    expect(request.headers.cookie ?? request.headers.authorization).toBeUndefined();
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  const address = server.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
}

async function probed(
  policy: Policy,
  handler: RequestListener,
  known: readonly string[] = [],
): Promise<ProbeReport> {
  seenMethods.clear();
  const { ask, close } = askUpstream(await listen(handler));
  const report = await probe(policy, known, ask);
  close();
  return report;
}

const found = ({ findings }: ProbeReport) =>
  findings.map(({ severity, variant }) => `${severity} ${variant.target}`);

const BLOCKED = '{ id: change-password, on: [PUT /api/password], effect: block }';
const audited = loadRules([BLOCKED], 'otherwise: { writes: audit }');
const closed = loadRules([BLOCKED]);

describe.each([
  ['express 4', express4],
  ['express 5', express5],
] as const)('%s', (_name, express) => {
  it('tells its blocked routes by OPTIONS, is lenient about letter case and the last slash, and nothing leaks', async () => {
    const app = express();
    app.put('/api/password', (_request, response) => response.end('changed'));
    const report = await probed(audited, app);
    expect(report.told).toEqual(['OPTIONS /api/password']);
    expect(report.untold).toEqual([]);
    expect(report.lenientAbout).toEqual(expect.arrayContaining(['letter case', 'slash at the end']));
    expect(found(report)).toEqual([]);
    expect([...seenMethods]).toEqual(['OPTIONS']);
  });
});

it('fastify, which answers no OPTIONS, is judged by its pages, and nothing leaks', async () => {
  const app = Fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
  });
  app.put('/api/password', async () => 'changed');
  app.get('/shop/market', async () => 'the market');
  await app.ready();
  const handler: RequestListener = (request, response) => app.routing(request, response);
  const report = await probed(audited, handler, ['/shop/market']);
  expect(report.told).toEqual(['GET /shop/market']);
  expect(report.untold).toEqual(['PUT /api/password']);
  expect(report.lenientAbout).toEqual(
    expect.arrayContaining([
      'letter case',
      'slash at the end',
      'two slashes inside',
      'percent-encoded letter',
    ]),
  );
  expect(found(report)).toEqual([]);
  expect([...seenMethods].toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS']);
});

it('says when nothing could be learnt', async () => {
  const report = await probed(
    audited,
    (_request, response) => response.end('<html>one page for everything</html>'),
    ['/market'],
  );
  expect(report).toMatchObject({ told: [], untold: ['PUT /api/password'], tried: 0, findings: [] });
});

describe('a server that takes too much for the same', () => {
  /** Routes by prefix, through a front controller as well, and sees no difference between hyphen and underscore. */
  const lenient: RequestListener = (request, response) => {
    const path = (request.url ?? '').replace(/^\/index\.php/, '').replaceAll('_', '-');
    const known = /^\/api\/(?:password|change-mail)(?:\/|$)/.test(path);
    response.writeHead(known ? 405 : 404, known ? { allow: 'PUT' } : {});
    response.end(known ? 'this route wants a PUT' : `nothing at ${request.url ?? ''}`);
  };

  it('leaks where the gateway would send what it does not recognise', async () => {
    const report = await probed(audited, lenient);
    expect(found(report)).toEqual(['leak /api/password/x', 'leak /index.php/api/password']);
    expect(report.findings[0]).toMatchObject({
      rule: 'change-password',
      method: 'PUT',
      path: '/api/password',
      seenOn: 'OPTIONS /api/password',
      gateway: 'audit (otherwise_writes)',
    });
  });

  it('only rests on "otherwise" where that blocks', async () => {
    expect(found(await probed(closed, lenient))).toEqual([
      'unseen /api/password/x',
      'unseen /index.php/api/password',
    ]);
  });

  it('is held back by a rule that names what it takes for the same', async () => {
    const policy = loadRules(
      ['{ id: change-password, on: [PUT /api/password/**, PUT /index.php/api/password/**], effect: block }'],
      'otherwise: { writes: audit }',
    );
    expect(found(await probed(policy, lenient))).toEqual([]);
  });

  it('shows its hyphens', async () => {
    const policy = loadRules(
      ['{ id: mail, on: [PUT /api/change-mail], effect: block }'],
      'otherwise: { writes: audit }',
    );
    expect(found(await probed(policy, lenient))).toContain('leak /api/change_mail');
  });
});

it('A page whose answer changes by itself is no witness, one that only shows another token is', async () => {
  let count = 0;
  const handler =
    (body: () => string): RequestListener =>
    (request, response) => {
      response.statusCode = request.url === '/a/page' ? 200 : 404;
      response.end(body());
    };
  const words = ['one', 'two', 'three', 'four', 'five', 'six'];
  const changing = await probed(
    audited,
    handler(() => words[(count += 1) % 6] ?? ''),
    ['/a/page'],
  );
  expect(changing.told).toEqual([]);
  const token = await probed(
    audited,
    handler(() => `token=${'x'.repeat(20)}${(count += 1)}`),
    ['/a/page'],
  );
  expect(token.told).toEqual(['GET /a/page']);
});

it('Where looking itself is blocked, nothing but OPTIONS is sent', async () => {
  const policy = loadRules(['{ id: bye, on: [GET|POST /account/delete], effect: block }']);
  await probed(policy, (_request, response) => response.writeHead(404).end());
  expect([...seenMethods]).toEqual(['OPTIONS']);
});
