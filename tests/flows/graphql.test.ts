/**
 * The story: the shop had one address for everything, and its gateway read the operation's name. Aliases, fragments, a
 * second operation, a batch, a form, an address with a query in it: each changed a password under a harmless name.
 * What a request asks for is found by parsing it, wherever a server could look for it.
 */
import { createHash } from 'node:crypto';
import { buildSchema, graphql } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startLenientSystem, type LenientSystem } from '../security/lenient-system.ts';
import type { Visitor } from '../visitor.ts';
import { sendRaw, type RawBody } from './send-raw.ts';

const RULES = `rules:
  - { id: ask, on: [POST /graphql], effect: allow, graphql: { query: [products, me, __typename] } }
  - id: shop
    on: [POST /graphql]
    effect: audit
    action: change_cart
    graphql: { mutation: [addItem, adjust*], persisted: [HASH] }
    capture: { line: /data/addItem }
  - { id: no-password, on: [POST /graphql], effect: block, graphql: { mutation: [updatePassword] } }
`;
const LISTED = createHash('sha256').update('mutation { addItem }').digest('hex');
const schema = buildSchema(`
  type Query { products: [String], me: String, secrets: String }
  type Mutation { addItem: String, adjustLine: String, updatePassword: String, deleteAccount: String }
  type Subscription { prices: String }
`);

let lenient: LenientSystem;
let mia: Visitor;
/** What the shop's server really ran. */
let ran: string[] = [];
const resolvers = Object.fromEntries(
  ['products', 'me', 'secrets', 'addItem', 'adjustLine', 'updatePassword', 'deleteAccount'].map((name) => [
    name,
    () => {
      ran.push(name);
      return name === 'products' ? ['honey'] : name;
    },
  ]),
);

beforeAll(async () => {
  lenient = await startLenientSystem({
    editPolicy: (yaml) =>
      yaml.replace(/^tests:[^]*$/m, '').replace('rules:\n', RULES.replace('HASH', LISTED)),
  });
  lenient.upstream.behave((request, response) => {
    if (!/^\/graphql/i.test(request.target)) return false;
    const inUrl = new URL(request.target, 'http://shop').searchParams.get('query');
    void runAll(request.body, request.headers['content-type'] ?? '', inUrl).then((answers) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answers.length === 1 ? answers[0] : answers)),
    );
    return true;
  });
  mia = lenient.person('u-mia');
  await mia.actAs('u-sam');
});
beforeEach(() => {
  ran = [];
  lenient.upstream.forget();
});
afterAll(() => lenient.close());

/** A server that runs every operation it can find, and of a document each of its operations. */
async function runAll(body: string, type: string, inUrl: string | null): Promise<readonly unknown[]> {
  const sources = [inUrl, ...sourcesIn(body, type)].filter((source) => source !== null);
  const answers: unknown[] = [];
  for (const source of sources)
    for (const operationName of [undefined, 'A', 'B'])
      answers.push(await graphql({ schema, source, rootValue: resolvers, operationName }));
  return answers;
}

const sourcesSchema = z.array(z.object({ query: z.string().optional() }));

function sourcesIn(body: string, type: string): readonly string[] {
  if (type.startsWith('application/graphql')) return [body];
  const form = type.includes('urlencoded') ? new URLSearchParams(body).get('query') : null;
  if (form !== null) return [form];
  const inMultipart = [...body.matchAll(/\{"query":"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
  if (type.includes('multipart')) return inMultipart;
  try {
    return sourcesSchema.parse([JSON.parse(body)].flat()).flatMap(({ query }) => query ?? []);
  } catch {
    return inMultipart;
  }
}

const send = (line: string, body: RawBody = {}): Promise<Response> =>
  sendRaw(lenient.system.url, mia, line, body);
const json = (value: unknown): RawBody => ({
  type: 'application/json',
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const multipart = (fields: Record<string, string>): RawBody => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return { body: form };
};

describe('what rules permit', () => {
  it('runs: queries unrecorded, mutations on the record with what came of them', async () => {
    expect((await send('POST /graphql', json({ query: '{ products me __typename }' }))).status).toBe(200);
    expect(ran).toContain('products');
    const answer = await send('POST /graphql', json({ query: 'mutation Add { addItem }' }));
    expect(answer.status).toBe(200);
    await answer.text();
    await expect
      .poll(async () => (await lenient.events()).at(-1))
      .toMatchObject({ event: 'action', action: 'change_cart', outcome: 'ok' });
  });

  it('runs in every form that clients use', async () => {
    const fine: readonly (readonly [string, RawBody])[] = [
      ['POST /graphql', json({ query: 'mutation { one: addItem two: adjustLine }' })],
      ['POST /graphql', json([{ query: '{ me }' }, { query: 'mutation { addItem }' }])],
      ['POST /graphql', json({ query: 'query A { me } mutation B { addItem }', operationName: 'A' })],
      ['POST /graphql', json({ query: 'mutation { ...F } fragment F on Mutation { addItem }' })],
      ['POST /graphql', { type: 'application/x-www-form-urlencoded', body: 'query=%7B+me+%7D' }],
      ['POST /graphql', { type: 'application/graphql', body: '{ me }' }],
      ['POST /graphql', multipart({ operations: '{"query":"mutation { addItem }"}', map: '{}' })],
      ['POST /graphql', json({ extensions: { persistedQuery: { version: 1, sha256Hash: LISTED } } })],
      ['GET /graphql?query=%7B%20me%20%7D', {}],
    ];
    for (const [line, body] of fine)
      expect([line, body.body, (await send(line, body)).status]).toEqual([line, body.body, 200]);
  });
});

describe('what rules forbid, or do not name', () => {
  const query = 'mutation { updatePassword }';
  const hash = createHash('sha256').update(query).digest('hex');
  const attempts: readonly (readonly [what: string, line: string, body: RawBody])[] = [
    ['as it is', 'POST /graphql', json({ query })],
    ['under an alias', 'POST /graphql', json({ query: 'mutation { addItem: updatePassword }' })],
    ['beside what is permitted', 'POST /graphql', json({ query: 'mutation { addItem updatePassword }' })],
    ['under another name', 'POST /graphql', json({ query: 'mutation addItem { updatePassword }' })],
    [
      'in a fragment on Mutation',
      'POST /graphql',
      json({ query: 'mutation { ...F } fragment F on Mutation { addItem ... { updatePassword } }' }),
    ],
    [
      'in an inline fragment that is skipped, perhaps',
      'POST /graphql',
      json({ query: 'mutation($x: Boolean!) { addItem ... @skip(if: $x) { updatePassword } }' }),
    ],
    [
      'in the operation that is not named',
      'POST /graphql',
      json({ query: 'query A { me } mutation B { updatePassword }', operationName: 'A' }),
    ],
    ['second in a batch', 'POST /graphql', json([{ query: '{ me }' }, { query }])],
    ['escaped', 'POST /graphql', json('{"query":"mutation { \\u0075pdatePassword }"}')],
    [
      'behind a duplicate key',
      'POST /graphql',
      json('{"query":"{ me }","query":"mutation{updatePassword}"}'),
    ],
    ['behind another spelling', 'POST /graphql', json({ query: '{ me }', Query: query })],
    [
      'in the address beside a harmless body',
      `POST /graphql?query=${encodeURIComponent(query)}`,
      json({ query: '{ me }' }),
    ],
    ['in the address alone', `GET /graphql?query=${encodeURIComponent(query)}`, {}],
    ['in the address, spelt otherwise', `GET /GraphQL?query=${encodeURIComponent(query)}`, {}],
    [
      'in a form',
      'POST /graphql',
      { type: 'application/x-www-form-urlencoded', body: `query=${encodeURIComponent(query)}` },
    ],
    ['in a multipart form', 'POST /graphql', multipart({ operations: JSON.stringify({ query }), map: '{}' })],
    [
      'by a map that rewrites it',
      'POST /graphql',
      multipart({ operations: '{"query":"{ me }"}', map: '{"0":["query"]}', '0': query }),
    ],
    ['as bare text', 'POST /graphql', { type: 'application/graphql', body: query }],
    ['as plain text', 'POST /graphql', { type: 'text/plain', body: JSON.stringify({ query }) }],
    [
      'in UTF-16',
      'POST /graphql',
      { type: 'application/json', body: new Uint8Array(Buffer.from(JSON.stringify({ query }), 'utf16le')) },
    ],
    ['behind a byte order mark', 'POST /graphql', json(`\ufeff${JSON.stringify({ query })}`)],
    [
      'by its hash alone',
      'POST /graphql',
      json({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }),
    ],
    [
      'by its hash in the address',
      `GET /graphql?extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }))}`,
      {},
    ],
    [
      'by a hash that is not the query’s',
      'POST /graphql',
      json({ query: '{ me }', extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }),
    ],
    ['by an id', 'POST /graphql', json({ documentId: 'change-password' })],
    ['a mutation that no rule names', 'POST /graphql', json({ query: 'mutation { deleteAccount }' })],
    ['a query that no rule names', 'POST /graphql', json({ query: '{ secrets }' })],
    ['a subscription', 'POST /graphql', json({ query: 'subscription { prices }' })],
    ['what is not GraphQL', 'POST /graphql', json({ query: 'mutation { updatePassword' })],
    ['what has no operation', 'POST /graphql', json({})],
    ['by another method', 'PUT /graphql', json({ query })],
    ['with ten thousand tokens', 'POST /graphql', json({ query: `{ ${'me '.repeat(10_001)} }` })],
    ['nested without end', 'POST /graphql', json({ query: `{ me ${'{ me '.repeat(60)}${'}'.repeat(60)} }` })],
  ];
  it.each(attempts)('%s', async (_, line, body) => {
    const response = await send(line, body);
    expect([400, 403, 415]).toContain(response.status);
    expect(await response.text()).toMatch(/"code":"(?:blocked|unsettled_request)"/);
    expect(ran).toEqual([]);
    expect(lenient.upstream.executed).toEqual([]);
    expect((await lenient.events()).at(-1)).toMatchObject({ event: 'blocked', outcome: 'blocked' });
  });

  it('is told apart: the rule that forbids is named, and so is what could not be read', async () => {
    expect(await (await send('POST /graphql', json({ query }))).json()).toMatchObject({
      fault: 'no-password',
    });
    expect(await (await send('POST /graphql', json({ query: '{' }))).json()).toMatchObject({
      fault: 'unread_operations',
      detail: 'This action isn’t available like this: the document is not GraphQL. The attempt was recorded.',
    });
  });
});
