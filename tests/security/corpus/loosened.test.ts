/**
 * The story: an app needed semicolons, so the gateway in front of it was told to let them through, and with them went
 * everything that hid behind one. Here everything that can be loosened is, and wishes for other methods reach the app: no
 * line of the corpus may make it do what is blocked, and what was loosened stands in the log.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { message, rawExchange, type RawAnswer } from '../raw-exchange.ts';
import { readCorpus } from './corpus-line.ts';
import { startCorpusSystem, type CorpusSystem } from './corpus-system.ts';
import { leaksOf } from './judge.ts';

const LOOSE =
  'settling: { semicolons: allow, encoded_slashes: allow, encoded_delimiters: allow, empty_segments: allow, trailing_dots: allow, lookalikes: allow, method_override: match }';
const JSON_TYPE = 'Content-Type: application/json';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

let wall: CorpusSystem;
const walls: CorpusSystem[] = [];

async function start(settling: string): Promise<CorpusSystem> {
  const started = await startCorpusSystem(settling);
  walls.push(started);
  return started;
}

beforeAll(async () => {
  wall = await start(LOOSE);
});
afterAll(async () => {
  for (const each of walls) await each.close();
});

async function send(
  to: CorpusSystem,
  line: string,
  headers: readonly string[] = [],
  body = '',
): Promise<RawAnswer> {
  to.forget();
  const framing = /^(?:GET|HEAD)/.test(line) ? [] : [`Content-Length: ${body.length}`];
  const head = [
    `${line} HTTP/1.1`,
    'Host: {host}',
    'Cookie: {cookie}',
    'Connection: close',
    ...headers,
    ...framing,
  ];
  const { answers } = await rawExchange(to.system.url, to.fill(message(head, body)));
  const [answer] = answers;
  if (answer === undefined) throw new Error(`${line}: no answer`);
  return answer;
}

const sent = (to: CorpusSystem): readonly string[] => to.upstream.executed.map(({ line }) => line);

test(
  'no line of the corpus makes the app do what is blocked, however much is loosened',
  { timeout: 120_000 },
  async () => {
    for (const [file, lines] of readCorpus()) {
      for (const line of lines) {
        wall.forget();
        const { next = [], halfClose } = line.expect;
        await rawExchange(wall.system.url, wall.fill(line.raw), {
          answers: 1 + next.length,
          halfClose: halfClose === true,
        });
        expect(leaksOf(wall), `${file}: ${line.name}`).toEqual([]);
      }
    }
  },
);

describe('what was loosened works', () => {
  test.each([
    'GET /orders;view=all',
    'GET /files/a%2Fb',
    'GET /books/C%23',
    'GET /image/https://cdn.example/a.png',
    'GET /brands/Acme%20Inc.',
    'GET /search/%EF%BC%A1',
  ])('%s', async (line) => {
    expect((await send(wall, line)).status).toBe(200);
    expect(sent(wall)).toEqual([line]);
  });

  test('and is said in the log at start, each key by its name', () => {
    const log = wall.system.log();
    for (const key of [
      'semicolons',
      'encoded_slashes',
      'encoded_delimiters',
      'empty_segments',
      'trailing_dots',
      'lookalikes',
      'method_override',
    ])
      expect(log).toContain(`settling.${key} is `);
  });

  test('climbing behind what was loosened is refused all the same', async () => {
    for (const path of [
      '/x/..;/market',
      '/x/..%2Fmarket',
      '/x/%2e%2e%3bx/market',
      '/x%2F..%2Fmarket',
      '/x/..%23/market',
      '/x/..%20/market',
      '/x/.../market',
    ])
      expect((await send(wall, `GET ${path}`)).status, path).toBe(400);
    expect(sent(wall)).toEqual([]);
  });

  test('slashes that are merged go up as one, and the decision is about that path', async () => {
    const merging = await start('settling: { empty_segments: merge }');
    expect((await send(merging, 'PUT //api///profile', [JSON_TYPE], '{}')).status).toBe(200);
    expect(sent(merging)).toEqual(['PUT /api/profile']);
    expect((await send(merging, 'PUT //api//password', [JSON_TYPE], '{}')).status).toBe(403);
    expect(sent(merging)).toEqual([]);
  });
});

const wishes: readonly (readonly [name: string, query: string, headers: readonly string[], body: string])[] =
  [
    ['header', '', [JSON_TYPE, 'X-HTTP-Method-Override: DELETE'], '{}'],
    ['query', '?_method=DELETE', [JSON_TYPE], '{}'],
    ['form', '', [FORM], '_method=DELETE'],
    ['JSON', '', [JSON_TYPE], '{"_method":"delete"}'],
  ];

describe('a wish for another method, matched', () => {
  test.each(wishes)(
    'in the %s is decided as the method it means, and goes up as it came',
    async (_name, query, headers, body) => {
      expect((await send(wall, `POST /api/cart/items/7${query}`, headers, body)).status).toBe(201);
      expect(sent(wall)).toEqual([`POST /api/cart/items/7${query}`]);
      expect(wall.upstream.executed[0]?.body).toBe(body);
      expect([...(wall.upstream.executed[0]?.readings ?? [])]).toContain('DELETE /api/cart/items/7');
      // Permitted as POST, and unknown as PATCH.
      const [wish, other] = [/DELETE/i, 'PATCH'] as const;
      const refused = await send(
        wall,
        `POST /api/cart/items/7${query.replace(wish, other)}`,
        headers.map((line) => line.replace(wish, other)),
        body.replace(wish, other),
      );
      expect(refused.status).toBe(403);
      expect(sent(wall)).toEqual([]);
    },
  );

  const unclear: readonly (readonly [
    name: string,
    line: string,
    headers: readonly string[],
    body: string,
  ])[] = [
    [
      'two different ones',
      'POST /api/cart/items/7?_method=DELETE',
      [JSON_TYPE, 'X-HTTP-Method-Override: PUT'],
      '',
    ],
    [
      'one in the query and another in the body',
      'POST /api/cart/items/7?_method=DELETE',
      [FORM],
      '_method=PUT',
    ],
    ['a method nobody knows', 'POST /api/cart/items/7?_method=BREW', [JSON_TYPE], ''],
    ['one in a GET', 'GET /market?_method=DELETE', [], ''],
    ['one in a PUT', 'PUT /api/cart/items/7', [JSON_TYPE, 'X-HTTP-Method: DELETE'], ''],
  ];
  test.each(unclear)(
    'is refused where nobody can say what is meant: %s',
    async (_name, line, headers, body) => {
      expect((await send(wall, line, headers, body)).status).toBe(400);
      expect(sent(wall)).toEqual([]);
    },
  );
});

describe('a wish for another method, refused or stripped', () => {
  test('is refused wherever it stands, where that is configured', async () => {
    const refusing = await start('settling: { method_override: refuse }');
    for (const [, query, headers, body] of wishes) {
      expect((await send(refusing, `POST /api/cart/items/7${query}`, headers, body)).status).toBe(400);
      expect(sent(refusing)).toEqual([]);
    }
  });

  test('is taken out of everything, where nothing is configured', async () => {
    const strict = await start('');
    for (const [name, query, headers, body] of wishes) {
      expect((await send(strict, `POST /api/cart/items/7${query}`, headers, body)).status, name).toBe(201);
      const [one] = strict.upstream.executed;
      expect(one?.target).toBe('/api/cart/items/7');
      expect(
        [...new Set([...(one?.readings ?? [])].map((reading) => reading.split(' ', 1)[0]))],
        name,
      ).toEqual(['POST']);
    }
  });
});
