/**
 * The story: the proxy in front and the app behind disagreed about where one request ends and the next begins, and a
 * second request, which nobody had decided on, travelled inside the first (request smuggling). Elsewhere a client named
 * the proxy's own headers in `Connection:` and the proxy obediently removed them. What a strict reader could doubt is
 * refused with `Connection: close`, and not one byte of it goes up.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { message, rawExchange, type RawExchange } from './raw-exchange.ts';

let lenient: LenientSystem;
let host: string;
let acting: string;

beforeAll(async () => {
  // The clock stands still: everything that is tried is tried within one minute, and each is to have its row.
  lenient = await startLenientSystem({
    editGateway: (yaml) => `${yaml}\nlimits: { blocked_rows_per_minute: 100000 }\n`,
  });
  host = new URL(lenient.system.url).host;
  const mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  acting = `Cookie: ${lenient.cookies(mia)}`;
});
beforeEach(() => lenient.upstream.forget());
afterAll(() => lenient.close());

const ORDINARY = 'Cookie: market_session=u-sue';

function raw(payload: string, answers = 1): Promise<RawExchange> {
  return rawExchange(lenient.system.url, payload, { answers });
}

/** Sends it as a shopper and as an acting manager; both must be refused and nothing may go up. */
async function expectRefused(
  head: (cookie: string) => readonly string[],
  body: string,
  statuses: readonly number[],
): Promise<void> {
  for (const cookie of [ORDINARY, acting]) {
    lenient.upstream.forget();
    const { answers, bytes } = await raw(message(head(cookie), body), 2);
    expect(statuses, `${JSON.stringify(head(cookie))} → ${bytes.slice(0, 120)}`).toContain(
      answers[0]?.status,
    );
    expect(answers, 'one answer only').toHaveLength(1);
    expect(lenient.upstream.executed, JSON.stringify(head(cookie))).toEqual([]);
  }
}

const post = (cookie: string, ...lines: string[]): string[] => [
  'POST /api/orders HTTP/1.1',
  `Host: ${host}`,
  cookie,
  'Content-Type: application/json',
  ...lines,
];
const get = (cookie: string, ...lines: string[]): string[] => [
  'GET /market HTTP/1.1',
  `Host: ${host}`,
  cookie,
  ...lines,
];

describe('framing with two meanings', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['both lengths', ['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['two equal lengths', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['two unequal lengths', ['Content-Length: 2', 'Content-Length: 40'], `{}${smuggled}`],
    ['a list of lengths', ['Content-Length: 2, 2'], '{}'],
    ['an octal-looking length', ['Content-Length: 010'], '{"a":"bcd"'],
    ['a signed length', ['Content-Length: +2'], '{}'],
    ['a hexadecimal length', ['Content-Length: 0x2'], '{}'],
    ['a negative length', ['Content-Length: -1'], '{}'],
    ['a length beyond numbers', ['Content-Length: 99999999999999999999'], '{}'],
    ['an empty length', ['Content-Length: '], '{}'],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['gzip, then chunked', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['chunked, then identity', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['a leading comma', ['Transfer-Encoding: ,chunked'], '0\r\n\r\n'],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['quoted', ['Transfer-Encoding: "chunked"'], '0\r\n\r\n'],
    ['in capitals', ['Transfer-Encoding: CHUNKED'], '0\r\n\r\n'],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a folded line', ['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than said', ['Transfer-Encoding: chunked'], '1\r\n{}\r\n0\r\n\r\n'],
    ['a bare line feed in the chunks', ['Transfer-Encoding: chunked'], '2\n{}\n0\n\n'],
  ];
  test.each(cases)('%s', (_what, lines, body) =>
    expectRefused((cookie) => post(cookie, ...lines), body, [400, 413]),
  );

  test('chunks in HTTP/1.0', () =>
    expectRefused(
      (cookie) => ['POST /api/orders HTTP/1.0', `Host: ${host}`, cookie, 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
      [400],
    ));

  test('a body where there is none to be', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      await expectRefused(
        (cookie) => [`${method} /market HTTP/1.1`, `Host: ${host}`, cookie, 'Content-Length: 2'],
        '{}',
        [400],
      );
      await expectRefused(
        (cookie) => [`${method} /market HTTP/1.1`, `Host: ${host}`, cookie, 'Transfer-Encoding: chunked'],
        '0\r\n\r\n',
        [400],
      );
    }
  });

  test('trailers, while acting', async () => {
    const { answers } = await raw(
      message(
        post(acting, 'Transfer-Encoding: chunked', 'Trailer: X-HTTP-Method-Override'),
        '2\r\n{}\r\n0\r\nX-HTTP-Method-Override: DELETE\r\n\r\n',
      ),
    );
    expect(answers[0]?.status).toBe(400);
    expect(lenient.upstream.executed).toEqual([]);
  });

  test('a trailer that nobody announced is not sent on', async () => {
    await raw(
      message(
        post(acting, 'Transfer-Encoding: chunked'),
        '2\r\n{}\r\n0\r\nX-HTTP-Method-Override: DELETE\r\n\r\n',
      ),
    );
    for (const { readings } of lenient.upstream.executed)
      expect([...readings].every((one) => one.startsWith('POST '))).toBe(true);
  });

  test('a compressed body, while acting', async () => {
    const { answers } = await raw(message(post(acting, 'Content-Length: 2', 'Content-Encoding: gzip'), '{}'));
    expect(answers[0]?.status).toBe(415);
    expect(lenient.upstream.executed).toEqual([]);
  });
});

describe('lines', () => {
  test('headers that must be one are refused when they are two', async () => {
    for (const name of ['Host', 'Content-Type', 'Authorization', 'Cookie', 'Origin', 'Expect', 'Upgrade']) {
      const value = name === 'Host' ? host : name === 'Expect' ? '100-continue' : 'x';
      await expectRefused(
        (cookie) => get(name === 'Cookie' ? 'X: y' : cookie, `${name}: ${value}`, `${name}: ${value}`),
        '',
        [400],
      );
    }
  });

  test('another host than ours is not ours to answer', async () => {
    for (const other of [
      'evil.example',
      `${host}.evil.example`,
      'localhost',
      '127.0.0.1:1',
      `x@${host}`,
      `${host}/x`,
      `${host}, evil.example`,
      '',
    ]) {
      await expectRefused((cookie) => ['GET /market HTTP/1.1', `Host: ${other}`, cookie], '', [400, 421]);
    }
    await expectRefused((cookie) => ['GET /market HTTP/1.1', cookie], '', [400, 421]);
    expect(
      (await raw(message(['GET /market HTTP/1.1', 'Host: evil.example', ORDINARY]))).answers[0]?.status,
    ).toBe(421);
  });

  test('a target that names a server, or is no path, is refused', async () => {
    for (const target of [
      `http://${host}/market`,
      'http://evil.example/market',
      '*',
      'market',
      `ftp://${host}/`,
    ]) {
      await expectRefused((cookie) => [`GET ${target} HTTP/1.1`, `Host: ${host}`, cookie], '', [400]);
    }
    const { bytes } = await raw(message([`CONNECT ${host} HTTP/1.1`, `Host: ${host}`]));
    expect(bytes).toMatch(/^HTTP\/1\.1 40[05] /);
    expect(lenient.upstream.executed).toEqual([]);
  });

  test('methods and versions that we do not serve are refused', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'QUERY', 'PURGE', 'LINK']) {
      await expectRefused((cookie) => [`${method} /market HTTP/1.1`, `Host: ${host}`, cookie], '', [405]);
    }
    for (const method of ['get', 'FOO', 'G@T']) {
      await expectRefused(
        (cookie) => [`${method} /market HTTP/1.1`, `Host: ${host}`, cookie],
        '',
        [400, 405],
      );
    }
    for (const version of ['HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/3.0']) {
      await expectRefused((cookie) => [`GET /market ${version}`, `Host: ${host}`, cookie], '', [400, 505]);
    }
  });

  test('a header name that a CGI-like app would fold into another is refused while acting', async () => {
    for (const name of ['X_HTTP_Method_Override', 'X.User.Id', 'Transfer_Encoding', 'Content_Length']) {
      const { answers } = await raw(message(get(acting, `${name}: x`)));
      expect(answers[0]?.status, name).toBe(400);
    }
    expect(lenient.upstream.executed).toEqual([]);
  });
});

describe('Connection', () => {
  test('may not name headers that are not the hop’s own', async () => {
    for (const name of [
      'Host',
      'Cookie',
      'Authorization',
      'Content-Length',
      'Content-Type',
      'Transfer-Encoding',
      'Origin',
      'Forwarded',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Real-IP',
      'X-Request-Id',
    ]) {
      await expectRefused((cookie) => get(cookie, `Connection: close, ${name}`), '', [400]);
    }
  });

  test('takes with it what it does name, and never what we add', async () => {
    await raw(
      message(
        get(
          ORDINARY,
          'Connection: close, X-Mine',
          'X-Mine: 1',
          'X-Yours: 2',
          'Keep-Alive: timeout=5',
          'TE: trailers',
          'Proxy-Connection: x',
        ),
      ),
    );
    const { headers = {} } = lenient.upstream.executed[0] ?? {};
    expect(headers).toMatchObject({ 'x-yours': '2', cookie: 'market_session=u-sue' });
    for (const gone of ['x-mine', 'keep-alive', 'te', 'proxy-connection'])
      expect(headers[gone], gone).toBeUndefined();
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('who the client is', () => {
  const lies = [
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Server: x',
    'X-Forwarded-Prefix: /x',
    'X-Forwarded-User: root',
    'X-Forwarded-Email: root@x',
    'X-Real-IP: 6.6.6.6',
    'Forwarded: for=6.6.6.6;host=evil.example',
    'X-Request-Id: mine',
  ];

  test('is said by us, for everybody, whatever the client says of itself', async () => {
    for (const cookie of [ORDINARY, acting]) {
      lenient.upstream.forget();
      await raw(message(get(cookie, ...lies)));
      const { headers = {}, rawHeaders = [] } = lenient.upstream.executed[0] ?? {};
      expect(headers).toMatchObject({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': host,
        'x-forwarded-proto': 'http',
        forwarded: `for=127.0.0.1;host="${host}";proto=http`,
      });
      const text = rawHeaders.join('\n');
      for (const lie of ['6.6.6.6', 'evil.example', 'root', 'mine', '/x'])
        expect(text.includes(lie), lie).toBe(false);
      const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
      for (const name of ['x-forwarded-for', 'forwarded', 'host', 'x-request-id']) {
        expect(
          names.filter((one) => one === name),
          name,
        ).toHaveLength(1);
      }
    }
  });

  test('identity headers of shoppers are stripped in every spelling', async () => {
    const spellings = [
      'X-User-Id',
      'x-user-id',
      'X_User_Id',
      'X.User.Id',
      'X-User_Id',
      'X_USER-ID',
      'X-Remote-User',
      'X_Remote_User',
      'X-Original-URL',
      'X_Rewrite_Url',
      'X_Forwarded_For',
      'X.Forwarded.Host',
      'X_Real_IP',
      'x_forwarded_user',
    ];
    await raw(message(get(ORDINARY, ...spellings.map((name) => `${name}: PLANTED`), 'X-Honest_Name: kept')));
    const text = (lenient.upstream.executed[0]?.rawHeaders ?? []).join('\n');
    expect(text).not.toContain('PLANTED');
    expect(text).toContain('X-Honest_Name');
  });
});

describe('Expect, Upgrade, early data', () => {
  test('the body is asked for after the decision: a blocked write gets its refusal and no 100 Continue', async () => {
    const { bytes, answers } = await raw(
      message([
        'PUT /api/password HTTP/1.1',
        `Host: ${host}`,
        acting,
        'Expect: 100-continue',
        'Content-Length: 2',
      ]),
      2,
    );
    expect(answers.map(({ status }) => status)).toEqual([403]);
    expect(bytes).not.toContain('100 Continue');
  });

  test('a permitted one is told to continue, and is carried out once', async () => {
    for (const cookie of [ORDINARY, acting]) {
      lenient.upstream.forget();
      const { answers } = await rawExchange(
        lenient.system.url,
        message(post(cookie, 'Expect: 100-continue', 'Content-Length: 2')),
        {
          next: [{ when: (bytes) => bytes.includes('100 Continue'), send: '{}' }],
        },
      );
      expect(answers[0]?.status).toBe(201);
      expect(lenient.upstream.executed.map(({ line }) => line)).toEqual(['POST /api/orders']);
      expect(lenient.upstream.executed[0]?.headers['expect']).toBeUndefined();
    }
  });

  test('any other expectation is refused', () =>
    expectRefused((cookie) => post(cookie, 'Expect: 200-ok', 'Content-Length: 2'), '{}', [417]));

  test('no Upgrade of any kind carries a write past the decision', async () => {
    for (const token of ['websocket', 'h2c', 'foo', 'TLS/1.0', 'websocket, h2c', 'HTTP/2.0']) {
      const { answers } = await raw(
        message(
          [
            'PUT /api/password HTTP/1.1',
            `Host: ${host}`,
            acting,
            'Connection: Upgrade',
            `Upgrade: ${token}`,
            'Content-Length: 2',
          ],
          '{}',
        ),
      );
      expect([400, 403], token).toContain(answers[0]?.status);
    }
    expect(lenient.upstream.executed).toEqual([]);
  });

  const handshake = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];

  test('there is no WebSocket while acting, and the record says that one was asked for', async () => {
    const { answers } = await raw(message(get(acting, ...handshake, 'Sec-WebSocket-Version: 13')));
    expect(answers[0]?.status).toBe(400);
    expect(lenient.upstream.arrived.filter(({ target }) => target === '/market')).toEqual([]);
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      action: 'unsettled_request',
      details: { why: 'upgrade' },
    });
  });

  test('a false handshake, or bytes before the other side agreed, are refused for everybody', async () => {
    for (const cookie of [ORDINARY, acting]) {
      expect(
        (await raw(message(get(cookie, ...handshake, 'Sec-WebSocket-Version: 777')))).answers[0]?.status,
      ).toBe(400);
      expect(
        (await raw(message(get(cookie, ...handshake.slice(0, 2), 'Sec-WebSocket-Version: 13')))).answers[0]
          ?.status,
      ).toBe(400);
      const early = message(
        get(cookie, ...handshake, 'Sec-WebSocket-Version: 13'),
        'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      );
      expect((await raw(early)).answers[0]?.status).toBe(400);
    }
    expect(lenient.upstream.executed).toEqual([]);
  });

  test('a WebSocket to our own addresses, or with a dead act-as cookie, goes nowhere', async () => {
    const version = 'Sec-WebSocket-Version: 13';
    for (const path of ['/_act-as/status', '/_act-as/x', '/admin/impersonation-audit']) {
      const { answers } = await raw(
        message([`GET ${path} HTTP/1.1`, `Host: ${host}`, ORDINARY, ...handshake, version]),
      );
      expect(answers[0]?.status, path).toBe(404);
    }
    const dead = `Cookie: market_session=u-mia; act_as=${'A'.repeat(43)}`;
    expect((await raw(message(get(dead, ...handshake, version)))).answers[0]?.status).toBe(401);
    expect(lenient.upstream.executed).toEqual([]);
  });

  test('a write that may be a replay of early data is not carried out while acting (RFC 8470)', async () => {
    const { answers } = await raw(message(post(acting, 'Early-Data: 1', 'Content-Length: 2'), '{}'));
    expect(answers[0]?.status).toBe(425);
    expect(lenient.upstream.executed).toEqual([]);
    expect((await raw(message(get(acting, 'Early-Data: 1')))).answers[0]?.status).toBe(200);
    // The app of an ordinary shopper decides for itself, and must hear of it.
    await raw(message(post(ORDINARY, 'Early-Data: 1', 'Content-Length: 2'), '{}'));
    expect(lenient.upstream.executed.at(-1)?.headers['early-data']).toBe('1');
  });
});

describe('many on one connection', () => {
  test('twenty in a row are decided one by one, and answered in their order', async () => {
    const kinds = [
      { line: 'GET /market', status: 200 },
      { line: 'PUT /api/password', status: 403 },
      { line: 'POST /api/orders', status: 201 },
      { line: 'GET /api//x', status: 400 },
      { line: 'POST /api/logout', status: 409 },
    ];
    const batch = Array.from(
      { length: 20 },
      (_, index) => kinds[index % kinds.length] ?? { line: '', status: 0 },
    );
    const payload = batch
      .map(({ line }) =>
        message(
          [
            `${line} HTTP/1.1`,
            `Host: ${host}`,
            acting,
            'Content-Type: application/json',
            ...(line.startsWith('GET') ? [] : ['Content-Length: 2']),
          ],
          line.startsWith('GET') ? '' : '{}',
        ),
      )
      .join('');
    const { answers } = await raw(payload, 20);
    expect(answers.slice(0, 1).map(({ status }) => status)).toEqual([200]);
    // A refusal of a body that was not read closes the connection; what was answered is in order, and nothing blocked went up.
    expect(answers.map(({ status }) => status)).toEqual(
      batch.slice(0, answers.length).map(({ status }) => status),
    );
    expect(lenient.upstream.leaks('PUT /api/password')).toEqual([]);
    expect(lenient.upstream.leaks('POST /api/logout')).toEqual([]);
  });

  test('twenty shoppers’ reads in a row come back in order', async () => {
    const payload = Array.from({ length: 20 }, (_, index) =>
      message([`GET /item/${index} HTTP/1.1`, `Host: ${host}`, ORDINARY]),
    ).join('');
    const { answers } = await raw(payload, 20);
    expect(answers.map(({ body }) => body)).toEqual(
      Array.from({ length: 20 }, (_, index) => JSON.stringify({ done: `GET /item/${index}` })),
    );
  });

  test('acting and ordinary on one connection do not colour each other', async () => {
    const one = (cookie: string, index: number): string =>
      message([`GET /item/${index} HTTP/1.1`, `Host: ${host}`, cookie]);
    const { answers } = await raw([ORDINARY, acting, ORDINARY, acting].map(one).join(''), 4);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Map(lenient.upstream.executed.map(({ target, as }) => [target, as]))).toEqual(
      new Map([
        ['/item/0', 'u-sue'],
        ['/item/1', 'u-sam'],
        ['/item/2', 'u-sue'],
        ['/item/3', 'u-sam'],
      ]),
    );
  });

  test('garbage behind a request never stands in the middle of its answer', async () => {
    let finish = (): void => undefined;
    lenient.upstream.behave((asked, response) => {
      if (asked.target !== '/slow') return false;
      response.writeHead(200, { 'content-length': '22' });
      response.write('first half ');
      finish = () => void response.end('second half');
      return true;
    });
    const halfSeen = (seen: string): boolean => {
      if (!seen.includes('first half')) return false;
      setTimeout(() => finish(), 50);
      return true;
    };
    const { answers, closed } = await rawExchange(
      lenient.system.url,
      message(['GET /slow HTTP/1.1', `Host: ${host}`, ORDINARY]),
      { answers: 9, next: [{ when: halfSeen, send: 'GARBAGE\r\n\r\n' }] },
    );
    lenient.upstream.behave(null);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, 'first half second half'],
      [400, ''],
    ]);
    expect(closed).toBe(true);
  });
});
