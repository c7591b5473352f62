/**
 * The story is every Monday's: a browser extension sends half a header, a script posts a reason of two pages, the app is
 * being deployed, a bookmark starts a session. Each gets its refusal, nothing of it is forwarded, nothing is lost, and
 * the next request works as if nothing had been.
 */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';
import { message, rawExchange, type RawAnswer } from './raw-exchange.ts';
import type { Visitor } from '../visitor.ts';

let lenient: LenientSystem;
let host: string;
let mia: Visitor;
let acting: string;
const ORDINARY = 'Cookie: market_session=u-sue';

/** What Node warned of, a leak of listeners say. */
const warned: string[] = [];
const hearWarning = (warning: Error): void => void warned.push(warning.name);

beforeAll(async () => {
  process.on('warning', hearWarning);
  lenient = await startLenientSystem({
    editGateway: (yaml) =>
      yaml
        .replace('headers_timeout: 30s', 'headers_timeout: 1s')
        .replace('body_timeout: 60s', 'body_timeout: 1s')
        .concat('\nlimits: { request_body: 2MiB, acting_bodies: 4MiB }\n'),
  });
  host = new URL(lenient.system.url).host;
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
  acting = `Cookie: ${lenient.cookies(mia)}`;
});
beforeEach(() => lenient.upstream.forget());
afterEach(async () => {
  lenient.upstream.behave(null);
  lenient.upstream.forget();
  // The next request works, for both.
  expect((await lenient.person('u-sue').get('/after')).status).toBe(200);
  expect((await mia.get('/after')).status).toBe(200);
  const after = lenient.upstream.executed.filter(({ target }) => target === '/after');
  expect(after.map(({ as }) => as)).toEqual(['u-sue', 'u-sam']);
  expect(warned).toEqual([]);
});
afterAll(async () => {
  process.off('warning', hearWarning);
  await lenient.close();
});

async function raw(head: readonly string[], body = ''): Promise<RawAnswer> {
  const { answers, bytes } = await rawExchange(lenient.system.url, message(head, body));
  const [answer] = answers;
  if (answer === undefined) throw new Error(`no answer but ${JSON.stringify(bytes)}`);
  return answer;
}

const nothingForwarded = (): void => expect(lenient.upstream.executed).toEqual([]);
const both = (): readonly string[] => [ORDINARY, acting];

describe('too much of it', () => {
  test('a target of ten kilobytes', async () => {
    for (const cookie of both()) {
      expect((await raw([`GET /${'x'.repeat(10_000)} HTTP/1.1`, `Host: ${host}`, cookie])).status).toBe(414);
    }
    nothingForwarded();
  });

  test('headers of twenty kilobytes, or a hundred and fifty lines', async () => {
    for (const cookie of both()) {
      expect(
        (await raw(['GET /market HTTP/1.1', `Host: ${host}`, cookie, `X-Long: ${'x'.repeat(20_000)}`]))
          .status,
      ).toBe(431);
      const lines = Array.from({ length: 150 }, (_, index) => `X-${index}: y`);
      expect((await raw(['GET /market HTTP/1.1', `Host: ${host}`, cookie, ...lines])).status).toBe(431);
    }
    nothingForwarded();
  });

  test('a body larger than the site takes, announced or in chunks', async () => {
    const type = 'Content-Type: application/json';
    for (const cookie of both()) {
      const announced = await raw([
        'POST /api/orders HTTP/1.1',
        `Host: ${host}`,
        cookie,
        type,
        'Content-Length: 3000000',
      ]);
      expect(announced.status, 'announced').toBe(413);
      const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
      const chunked = await raw(
        ['POST /api/orders HTTP/1.1', `Host: ${host}`, cookie, type, 'Transfer-Encoding: chunked'],
        `${chunk.repeat(3)}0\r\n\r\n`,
      );
      expect(chunked.status, 'in chunks').toBe(413);
    }
    expect(lenient.upstream.executed.filter(({ as }) => as === 'u-sam')).toEqual([]);
    expect(lenient.upstream.executed.every(({ body }) => body.length < 3_000_000)).toBe(true);
  });

  test('a body of an acting write larger than a rule reads', async () => {
    const response = await mia.send('POST', '/api/cart/items', { filler: 'x'.repeat(1_100_000) });
    expect(response.status).toBe(413);
    nothingForwarded();
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      action: 'unsettled_request',
      details: { why: 'body_too_large' },
    });
  });
});

describe('a body that is announced by its type alone', () => {
  test.each([
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'x/y',
  ])('%s gets an answer from a route of ours, and goes to the app as what it is', async (type) => {
    for (const path of ['/_act-as/sessions', '/_act-as/nowhere']) {
      const head = [
        `POST ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Cookie: market_session=u-max',
        `Content-Type: ${type}`,
      ];
      expect((await raw(head)).status, path).toBeGreaterThanOrEqual(400);
    }
    nothingForwarded();
    for (const cookie of both()) {
      const answer = await raw([
        'POST /api/cart/items HTTP/1.1',
        `Host: ${host}`,
        cookie,
        `Content-Type: ${type}`,
      ]);
      expect(answer.status).toBe(201);
    }
    expect(lenient.upstream.executed.map(({ body }) => body.length)).toEqual([0, 0]);
  });
});

describe('bodies that a rule must read', () => {
  const post = (type: string, body: string): Promise<RawAnswer> =>
    raw(
      [
        'POST /api/orders HTTP/1.1',
        `Host: ${host}`,
        acting,
        ...(type === '' ? [] : [`Content-Type: ${type}`]),
        `Content-Length: ${body.length}`,
      ],
      body,
    );

  test('that are not JSON, or not the object that is to be amended', async () => {
    for (const body of [
      '',
      '{',
      '{"a":}',
      "{'a':1}",
      '{"a":1}//x',
      '[]',
      '[{}]',
      'null',
      '1',
      '"x"',
      '{"a":1}{"b":2}',
      '\u00ef\u00bb\u00bf{}',
      '{"a":"\u0001"}',
      '\u00ff\u00fe{\u0000}\u0000',
      '{"a":NaN}',
      '{"a":"\u00c3("}',
    ]) {
      const answer = await post('application/json', body);
      expect(answer.status, body).toBe(400);
      expect(JSON.parse(answer.body), body).toMatchObject({
        code: 'unsettled_request',
        fault: 'body_not_json',
      });
    }
    nothingForwarded();
  });

  test('that say they are something else', async () => {
    for (const type of [
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      'text/json, application/json',
    ]) {
      expect([400, 415], type).toContain((await post(type, '{}')).status);
    }
    nothingForwarded();
  });

  test('nested ten thousand deep, without harm', async () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect([201, 400]).toContain((await post('application/json', deep)).status);
  });

  test('that break off half-way', async () => {
    const before = (await lenient.events()).length;
    const { hostname, port } = new URL(lenient.system.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.end(
          message(
            [
              'POST /api/cart/items HTTP/1.1',
              `Host: ${host}`,
              acting,
              'Content-Type: application/json',
              'Content-Length: 100',
            ],
            '{"product_id":',
          ),
        );
      });
      socket.resume().on('close', () => resolve());
    });
    nothingForwarded();
    await expect.poll(async () => (await lenient.events()).length).toBe(before + 1);
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'blocked',
      details: { why: 'body_interrupted' },
    });
  });
});

describe('an upstream', () => {
  const order = (who: Visitor): Promise<Response> => who.send('POST', '/api/orders', {});

  test('that is slow to begin', async () => {
    lenient.upstream.behave(({ target }) => target === '/api/orders');
    const [ordinary, seated] = await Promise.all([order(lenient.person('u-sue')), order(mia)]);
    expect([ordinary.status, seated.status]).toEqual([504, 504]);
    expect((await lenient.events()).at(-1)).toMatchObject({
      event: 'action',
      outcome: 'error',
      status_code: 504,
      details: { note: 'the outcome is unknown' },
    });
    // Sent once: what may have been done is not done again.
    expect(lenient.upstream.executed).toHaveLength(2);
  });

  test('that breaks off before it answers', async () => {
    lenient.upstream.behave(({ target }, _response, incoming) => {
      if (target !== '/api/orders') return false;
      incoming.socket.destroy();
      return true;
    });
    const [ordinary, seated] = await Promise.all([order(lenient.person('u-sue')), order(mia)]);
    expect([ordinary.status, seated.status]).toEqual([502, 502]);
    expect(lenient.upstream.executed).toHaveLength(2);
  });

  test('that breaks off in the middle: the browser sees that the answer is not whole', async () => {
    for (const [type, cookie] of [
      ['application/json', ORDINARY],
      ['application/json', acting],
      ['text/html', ORDINARY],
      ['text/html', acting],
    ] as const) {
      lenient.upstream.behave(({ target }, response, incoming) => {
        if (target !== '/half') return false;
        response.writeHead(200, { 'content-type': type });
        response.write('<!doctype html><html><body><p>first half', () => incoming.socket.destroy());
        return true;
      });
      const { bytes, closed } = await rawExchange(
        lenient.system.url,
        message([
          'GET /half HTTP/1.1',
          `Host: ${host}`,
          cookie,
          'Accept: text/html',
          'Sec-Fetch-Dest: document',
        ]),
        { answers: 2 },
      );
      expect(closed, `${type} ${cookie}`).toBe(true);
      expect(bytes.endsWith('0\r\n\r\n'), `${type} ${cookie}`).toBe(false);
    }
  });

  test('that stalls in the middle of a write’s answer: the status is on the record', async () => {
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/api/orders') return false;
      response.writeHead(201, { 'content-type': 'application/json' });
      response.write('{"order":');
      return true;
    });
    const response = await order(mia);
    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow(/./);
    await expect
      .poll(async () => (await lenient.events()).at(-1))
      .toMatchObject({ event: 'action', status_code: 201 });
  });

  test('that answers what is no HTTP, or headers that are none', async () => {
    const answers = [
      'garbage\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX-Bad: a\u0001b\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 200 OK\r\nX Bad: a\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      'HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 1000 High\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
      `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(70_000)}\r\nContent-Length: 2\r\n\r\nok`,
    ];
    for (const bytes of answers) {
      lenient.upstream.behave(({ target }, response) => {
        if (target !== '/api/orders') return false;
        response.socket?.end(bytes, 'latin1');
        return true;
      });
      for (const who of [lenient.person('u-sue'), mia]) {
        const response = await order(who);
        expect(response.status, JSON.stringify(bytes.slice(0, 60))).toBe(502);
        expect(await response.json()).toMatchObject({ code: 'upstream_unreachable' });
      }
      expect((await lenient.events()).at(-1)).toMatchObject({
        event: 'action',
        outcome: 'error',
        details: { note: 'the outcome is unknown' },
      });
    }
  });

  test('that answers before it has read the body', async () => {
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/api/orders') return false;
      response
        .writeHead(409, { 'content-type': 'application/json', connection: 'close' })
        .end('{"error":"no"}');
      return true;
    });
    for (const who of [lenient.person('u-sue'), mia]) expect((await order(who)).status).toBe(409);
    await expect
      .poll(async () => (await lenient.events()).at(-1))
      .toMatchObject({ event: 'action', outcome: 'error', status_code: 409 });
  });
});

describe('clients that leave', () => {
  /** Sends, and resets the connection as soon as the predicate likes what came back. */
  function leave(head: readonly string[], when: (bytes: string) => boolean, body = ''): Promise<void> {
    const { hostname, port } = new URL(lenient.system.url);
    return new Promise((resolve) => {
      let bytes = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(message(head, body));
        if (when('')) socket.resetAndDestroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.toString('latin1');
        if (when(bytes)) socket.resetAndDestroy();
      });
    });
  }

  test('in the middle of answers of every kind', async () => {
    lenient.upstream.behave(({ target }, response) => {
      if (target !== '/long') return false;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write('<!doctype html><html><head></head><body>');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
      return true;
    });
    const page = ['Accept: text/html', 'Sec-Fetch-Dest: document'];
    const kinds = [[ORDINARY], [acting], [ORDINARY, ...page], [acting, ...page]];
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        leave(
          ['GET /long HTTP/1.1', `Host: ${host}`, ...(kinds[index % 4] ?? [])],
          (bytes) => bytes.length > 1_000 * (index + 1),
        ),
      ),
    );
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        leave(['GET /long HTTP/1.1', `Host: ${host}`, ...(kinds[index % 4] ?? [])], () => true),
      ),
    );
    expect(lenient.upstream.executed.length).toBeGreaterThan(20);
  });

  test('in the middle of sending, and of handshakes that are not ours to make', async () => {
    const heads = [
      ['POST /api/orders HTTP/1.1', `Host: ${host}`, ORDINARY, 'Content-Length: 50'],
      ['POST /api/cart/items HTTP/1.1', `Host: ${host}`, acting, 'Content-Length: 50'],
      ['POST /api/orders HTTP/1.1', `Host: ${host}`, ORDINARY, 'Transfer-Encoding: chunked'],
      [
        'POST /_act-as/sessions HTTP/1.1',
        `Host: ${host}`,
        `Origin: http://${host}`,
        ORDINARY,
        'Content-Type: application/json',
        'Content-Length: 50',
      ],
      ['CONNECT evil.example:443 HTTP/1.1', `Host: ${host}`],
      [
        'GET /market HTTP/1.1',
        `Host: ${host}`,
        acting,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ],
      [
        'GET /market HTTP/1.1',
        `Host: ${host}`,
        ORDINARY,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ],
    ];
    for (const head of heads) {
      await Promise.all(
        Array.from({ length: 8 }, () =>
          leave(head, () => true, head[0]?.startsWith('POST') === true ? '5\r\n{' : ''),
        ),
      );
    }
    expect(lenient.upstream.executed.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('starting and stopping', () => {
  const start = (who: Visitor, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    who.send('POST', '/_act-as/sessions', body, headers);
  const mo = (): Visitor => lenient.person('u-mo');

  test('a reason of 250 characters is taken, one of 251 is not, and characters are what people count', async () => {
    expect(await (await start(mo(), { subject: 'u-sue', reason: '😀'.repeat(251) })).json()).toMatchObject({
      code: 'invalid_request',
      fault: 'reason',
    });
    expect((await start(mo(), { subject: 'u-sue', reason: 'x'.repeat(20_000) })).status).toBe(422);
    for (const reason of ['x'.repeat(250), '😀'.repeat(250), `  ${'y'.repeat(250)}  `]) {
      const who = mo();
      expect((await start(who, { subject: 'u-sue', reason })).status).toBe(201);
      await who.stop();
      expect((await lenient.events()).findLast(({ event }) => event === 'start')?.reason).toBe(reason.trim());
    }
  });

  test('from another origin, another site, no origin at all, or an opaque one', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: '' },
      { origin: `http://${host}.evil.example` },
      { origin: `https://${host}` },
      { origin: `http://sub.${host}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ] as const) {
      for (const path of ['/_act-as/sessions', '/_act-as/stop', '/_act-as/sessions/x/stop']) {
        const response = await mia.send('POST', path, { subject: 'u-sue' }, headers);
        expect(response.status, `${path} ${JSON.stringify(headers)}`).toBe(403);
        const fault = path.endsWith('x/stop') ? 'acting' : 'origin';
        expect(await response.json()).toMatchObject({ code: 'not_allowed', fault });
      }
    }
    const without = await raw(['POST /_act-as/stop HTTP/1.1', `Host: ${host}`, acting, 'Content-Length: 0']);
    expect(without.status).toBe(403);
    const opaque = await raw([
      'POST /_act-as/stop HTTP/1.1',
      `Host: ${host}`,
      acting,
      'Origin: null',
      'Content-Length: 0',
    ]);
    expect(opaque.status).toBe(403);
  });

  test('by following a link, with another method, or with a body of another kind', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      expect((await mia.send(method, '/_act-as/stop')).status, method).toBeGreaterThanOrEqual(400);
    }
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml']) {
      expect(
        (await start(mo(), { subject: 'u-sue' }, { 'content-type': type })).status,
        type,
      ).toBeGreaterThanOrEqual(400);
    }
    for (const body of [
      '{',
      '',
      'null',
      '[]',
      '{"subject":7}',
      '{"subject":""}',
      '{"__proto__":{"subject":"u-sue"}}',
    ]) {
      const answer = await raw(
        [
          'POST /_act-as/sessions HTTP/1.1',
          `Host: ${host}`,
          'Cookie: market_session=u-mo',
          `Origin: http://${host}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        ],
        body,
      );
      expect([400, 422], body).toContain(answer.status);
    }
    expect((await start(mo(), { subject: 'u-sue', filler: 'x'.repeat(70_000) })).status).toBe(413);
    expect(await (await lenient.person('u-root').get('/_act-as/sessions')).json()).toMatchObject({
      sessions: [{ actor: { id: 'u-mia' } }],
    });
  });

  test('a stop where there is no session, and a second start', async () => {
    expect(await (await mo().stop()).json()).toMatchObject({ code: 'no_session', status: 409 });
    expect(await (await start(mia, { subject: 'u-sue' })).json()).toMatchObject({
      code: 'seat_taken',
      status: 409,
    });
    expect(await (await start(mo(), { subject: 'u-sam' })).json()).toMatchObject({
      code: 'seat_taken',
      status: 409,
    });
  });

  test('addresses of ours that do not exist, or that nobody can read', async () => {
    for (const path of [
      '/_act-as/nothing',
      '/_act-as/%zz',
      '/_act-as/../x',
      '/_act-as//status',
      '/_ACT-AS/status',
      '/_act-as/status/',
      '/_act-as/static/../../package.json',
      '/_act-as/%2e%2e/%2e%2e/etc/passwd',
      '/admin/impersonation-audit/nothing',
      '/admin/impersonation-audit/sessions/%00',
    ]) {
      const answer = await raw([`GET ${path} HTTP/1.1`, `Host: ${host}`, acting]);
      // Closed to whoever is acting, whether there is something at the address or not.
      expect([400, 403, 404], path).toContain(answer.status);
      expect(answer.body, path).not.toMatch(/root:|"dependencies"|node_modules/);
    }
    nothingForwarded();
  });
});
