/**
 * The story: a gateway normalised each path with care, decided on the normal form, and then sent the raw bytes on. The
 * app behind it normalised in its own way: `PUT /api//password`, `/api/%70assword;x`, `POST /api/orders?_method=PUT` and
 * two hundred others changed a password that the rules had forbidden to touch. So there is one canonical request:
 * settled once, decided on, and itself what goes up.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startLenientSystem, type EventRow, type LenientSystem } from '../security/lenient-system.ts';
import { message, rawExchange, type RawAnswer } from '../security/raw-exchange.ts';

let lenient: LenientSystem;
let host: string;
let cookie: string;

beforeAll(async () => {
  // The clock stands still: everything that is tried is tried within one minute, and each is to have its row.
  lenient = await startLenientSystem({
    editGateway: (yaml) => `${yaml}\nlimits: { blocked_rows_per_minute: 100000 }\n`,
  });
  host = new URL(lenient.system.url).host;
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  cookie = lenient.cookies(mia);
});
beforeEach(() => lenient.upstream.forget());
afterAll(() => lenient.close());

const BLOCKED = [
  'PUT /api/password',
  'POST /api/balance/funds',
  'DELETE /api/cards/1',
  'POST /api/account/deactivate',
];

/** @param extra further header lines. */
async function send(line: string, extra: readonly string[] = [], body = ''): Promise<RawAnswer> {
  const { answers, bytes } = await rawExchange(
    lenient.system.url,
    message(
      [
        `${line} HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        'Connection: close',
        ...(body === '' && !/^(?:PUT|POST|PATCH)/.test(line) ? [] : [`Content-Length: ${body.length}`]),
        ...extra,
      ],
      body,
    ),
  );
  const [answer] = answers;
  if (answer === undefined) throw new Error(`${line}: no answer but ${JSON.stringify(bytes)}`);
  return answer;
}

function expectNoLeak(line: string): void {
  for (const route of BLOCKED) expect(lenient.upstream.leaks(route), `${line} reached ${route}`).toEqual([]);
}

const JSON_TYPE = 'Content-Type: application/json';

test('no spelling of a blocked path that some real stack accepts reaches it', async () => {
  const spellings = [
    '/api/password',
    '/API/PASSWORD',
    '/api/password/',
    '/api/password//',
    '//api/password',
    '/api//password',
    '/./api/password',
    '/x/../api/password',
    '/x/..%2fapi/password',
    '/x/%2e%2e/api/password',
    '/x/%252e%252e/api/password',
    '/x/..;/api/password',
    '/api/.;/password',
    '/api/password;x=1',
    '/api;x/password',
    '/api/password%3bx',
    '/api/password%3Fx',
    '/api/password%23x',
    '/api/password%00',
    '/api/password%00.png',
    '/api/password%0a',
    '/api/password%20',
    '/api/password.',
    '/api/password.json',
    '/api/password.xml',
    '/api/%70assword',
    '/api/%2570assword',
    '/api/%252570assword',
    '/api%2fpassword',
    '/api%5cpassword',
    '/api\\password',
    '\\api\\password',
    '/api/%c0%afpassword',
    '/api%c0%afpassword',
    '/api/%ef%bd%90assword',
    '/api/pa%c5%bfsword',
    '/api/pass%e2%80%8bword',
    '/api/pass%c2%adword',
    '/api/%u0070assword',
    '/api/password#x',
    '/api/password?x#y',
    '/api/password?_method=GET',
    'http://localhost/api/password',
    'http://evil.example/api/password',
    '//evil.example/api/password',
    '///api/password',
    '/api/password%',
    '/api/password%zz',
    '/api/p%61ssword?%5fmethod=PUT',
  ];
  for (const method of ['PUT', 'POST']) {
    for (const spelling of spellings) {
      const line = `${method} ${spelling}`;
      const { status } = await send(line);
      expect([400, 403], `${line} got ${status}`).toContain(status);
    }
  }
  expectNoLeak('some spelling');
  expect(lenient.upstream.executed).toEqual([]);
});

test('no wish for another method turns a permitted write into a blocked one', async () => {
  const wishes: readonly (readonly [target: string, headers: readonly string[], body: string])[] = [
    ['/api/orders', ['X-HTTP-Method-Override: PUT', JSON_TYPE], '{}'],
    ['/api/cart/items/1', ['X-HTTP-Method: DELETE', JSON_TYPE], '{}'],
    ['/api/orders', ['X-Method-Override: DELETE', JSON_TYPE], '{}'],
    ['/api/orders', ['X_HTTP_Method_Override: DELETE', JSON_TYPE], '{}'],
    ['/api/orders', ['X.HTTP.Method.Override: DELETE', JSON_TYPE], '{}'],
    ['/api/orders?_method=PUT', [JSON_TYPE], '{}'],
    ['/api/orders?_METHOD=PUT', [JSON_TYPE], '{}'],
    ['/api/orders?%5fmethod=PUT', [JSON_TYPE], '{}'],
    ['/api/orders?_method[]=PUT', [JSON_TYPE], '{}'],
    ['/api/orders?x=1;_method=PUT', [JSON_TYPE], '{}'],
    ['/api/orders?x=1&_method=PUT&_method=DELETE', [JSON_TYPE], '{}'],
    ['/api/orders', [JSON_TYPE], '{"_method":"DELETE"}'],
    ['/api/orders', [JSON_TYPE], '{"\\u005fmethod":"DELETE"}'],
    ['/api/cart/items', ['Content-Type: application/x-www-form-urlencoded'], 'a=1&_method=DELETE'],
    ['/api/cart/items', ['Content-Type: application/x-www-form-urlencoded'], 'a=1&%5Fmethod=DELETE'],
    ['/api/cart/items', ['Content-Type: application/x-www-form-urlencoded'], 'a=1;_method=DELETE'],
    ['/api/cart/items', ['Content-Type: text/plain'], '_method=DELETE'],
    [
      '/api/cart/items',
      ['Content-Type: multipart/form-data; boundary=x'],
      '--x\r\nContent-Disposition: form-data; name="_method"\r\n\r\nDELETE\r\n--x--\r\n',
    ],
  ];
  for (const [target, headers, body] of wishes) await send(`POST ${target}`, headers, body);
  for (const { line, readings } of lenient.upstream.executed) {
    const methods = new Set([...readings].map((reading) => reading.split(' ', 1)[0]));
    expect([...methods], line).toEqual(['POST']);
  }
  expect(lenient.upstream.executed.length, 'the header overrides are dropped, not refused').toBeGreaterThan(
    0,
  );
});

test('no header names another path than the one that was decided on', async () => {
  for (const name of [
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Forwarded-Uri',
    'X-Forwarded-Path',
    'X_Original_URL',
  ]) {
    await send('PUT /api/profile', [`${name}: /api/password`, JSON_TYPE], '{}');
  }
  expectNoLeak('a path header');
  expect(lenient.upstream.executed.length).toBeGreaterThan(0);
});

test('what is sent up is the canonical form, byte for byte, and settling it again changes nothing', async () => {
  const cases: readonly (readonly [asked: string, sent: string])[] = [
    ['/market', '/market'],
    ['/%6Darket', '/market'],
    ['/market/caf%c3%a9', '/market/caf%C3%A9'],
    ['/market?q=a%20b&x=%2F', '/market?q=a%20b&x=%2F'],
    ['/market?_method=DELETE&q=1', '/market?q=1'],
    ["/market/(a)!'*", "/market/(a)!'*"],
  ];
  for (const [asked, sent] of cases) {
    lenient.upstream.forget();
    expect((await send(`GET ${asked}`)).status, asked).toBe(200);
    expect(
      lenient.upstream.executed.map(({ target }) => target),
      asked,
    ).toEqual([sent]);
    lenient.upstream.forget();
    await send(`GET ${sent}`);
    expect(
      lenient.upstream.executed.map(({ target }) => target),
      sent,
    ).toEqual([sent]);
  }
});

test('the body that was read is the body that is sent, with a length of its own', async () => {
  const text = JSON.stringify({ product_id: 'tomatoes', quantity: 2, note: 'ä'.repeat(100) });
  const bytes = Buffer.from(text).toString('latin1');
  const half = Math.floor(bytes.length / 2);
  const chunk = (part: string): string => `${part.length.toString(16)};ext=1\r\n${part}\r\n`;
  const { answers } = await rawExchange(
    lenient.system.url,
    message(
      [
        `POST /api/cart/items HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        'Connection: close',
        JSON_TYPE,
        'Transfer-Encoding: chunked',
      ],
      `${chunk(bytes.slice(0, half))}${chunk(bytes.slice(half))}0\r\n\r\n`,
    ),
  );
  expect(answers[0]?.status).toBe(201);
  const [sent] = lenient.upstream.executed;
  expect(sent?.body).toBe(bytes);
  expect(sent?.headers['content-length']).toBe(String(bytes.length));
  expect(sent?.headers['transfer-encoding']).toBeUndefined();
});

test('an amended body says one thing only: a key that came twice goes up once', async () => {
  await send('POST /api/orders', [JSON_TYPE], '{"card_id":"1","note":"first","card_id":"2","note":"second"}');
  const [sent] = lenient.upstream.executed;
  expect(sent?.body.match(/"card_id"/g)).toHaveLength(1);
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    card_id: '2',
    note: 'Placed by Mia Moreno, market manager\nsecond',
  });
});

test('what cannot be settled is refused with its fault, and the record says that it was tried', async () => {
  const answer = await send('PUT /api/..%2fpassword');
  expect(answer.status).toBe(400);
  const told = z.object({ request_id: z.string() }).loose().parse(JSON.parse(answer.body));
  expect(told).toMatchObject({ code: 'unsettled_request', fault: 'encoded_slash' });
  const rows: readonly EventRow[] = await lenient.events();
  expect(rows.filter(({ request_id }) => request_id === told.request_id)).toMatchObject([
    { event: 'blocked', outcome: 'blocked', action: 'unsettled_request', method: 'PUT', status_code: 400 },
  ]);
});
