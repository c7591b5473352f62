/** GraphQL is decided by what a request asks for, however it is wrapped: the strictest of its parts, never less. */
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootFieldsOf } from '../../policy/graphql/root-fields.ts';
import { parseBody, type Effect } from '../../policy/index.ts';
import { ask, loadRules } from './loaded.ts';

const POLICY = loadRules([
  '{ id: ask, on: [POST /graphql], effect: allow, graphql: { query: [me, products] } }',
  '{ id: cart, on: [POST /graphql], effect: audit, graphql: { mutation: [addItem, adjust*] } }',
  '{ id: out, on: [POST /graphql], effect: confirm, graphql: { mutation: [logout] } }',
  '{ id: no, on: [POST /graphql], effect: block, graphql: { mutation: [updatePassword] } }',
]);

/** What each field comes to on its own. */
const ALONE: Readonly<Record<string, Effect>> = {
  'query me': 'allow',
  'query products': 'allow',
  'query secrets': 'block',
  'mutation addItem': 'audit',
  'mutation adjustLine': 'audit',
  'mutation logout': 'confirm',
  'mutation updatePassword': 'block',
  'mutation deleteAccount': 'block',
};
const STRICTEST: readonly Effect[] = ['block', 'confirm', 'audit', 'allow'];
const WRAPS: readonly ((field: string, type: string, n: number) => string)[] = [
  (field) => field,
  (field, _, n) => `me${n}: ${field}`,
  (field, _, n) =>
    `a${n}: ${field}(x: "} mutation { me", y: { me: [1] }) @include(if: $no) { me { products } }`,
  (field) => `... { ${field} }`,
  (field, type) => `... on ${type} @skip(if: true) { x: ${field} }`,
  (field, _, n) => `...F${n} #${field}`,
];

const part = record({
  asked: constantFrom(...Object.keys(ALONE)),
  wrap: integer({ min: 0, max: WRAPS.length - 1 }),
});

function documentOf(parts: readonly { asked: string; wrap: number }[]): string {
  const fragments: string[] = [];
  const operations = ['query', 'mutation'].flatMap((type) => {
    const on = type === 'query' ? 'Query' : 'Mutation';
    const fields = parts.flatMap(({ asked, wrap }, n) => {
      const [of, field = ''] = asked.split(' ');
      if (of !== type) return [];
      if (wrap === WRAPS.length - 1) fragments.push(`fragment F${n} on ${on} { ${field} ...F${n} }`);
      return WRAPS[wrap]?.(field, on, n) ?? [];
    });
    return fields.length === 0 ? [] : [`${type} ${on}One {\n ${fields.join('\n ')}\n}`];
  });
  return [...operations, ...fragments].join('\n');
}

it('is as strict as the strictest thing asked for, in any wrapping, order and batch', async () => {
  await assert(
    asyncProperty(
      array(array(part, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      async (batch) => {
        const sources = batch.map((parts) => ({ query: documentOf(parts), operationName: 'QueryOne' }));
        const text = JSON.stringify(sources.length === 1 ? sources[0] : sources);
        const body = await parseBody('application/json', Buffer.from(text));
        const effects = batch.flat().map(({ asked }) => ALONE[asked] ?? 'block');
        const strictest = STRICTEST.find((effect) => effects.includes(effect));
        expect(ask(POLICY, 'POST /graphql', { body }).effect, text).toBe(strictest);
      },
    ),
    { numRuns: 500 },
  );
});

describe('the fields at the root', () => {
  it.each([
    ['{ a }', 'query a'],
    ['query { a b: c }', 'query a, query c'],
    ['subscription { s }', 'subscription s'],
    ['{ __typename }', 'query __typename'],
    ['{ __typename a }', 'query a'],
    ['{ a { b c } }', 'query a'],
    ['{ ...F } fragment F on Query { a ...G } fragment G on Query { b ...F }', 'query a, query b'],
    ['"""a""" { a }', 'the document is not GraphQL'],
    ['# only a comment', 'the document is not GraphQL'],
    ['fragment F on Query { a }', 'the document has no operation'],
    ['{ ...F }', 'a fragment is missing'],
    ['{ ...F } fragment F on Q { a } fragment F on Q { b }', 'two fragments have one name'],
    ['type Query { a: Int } { a }', 'the document defines types'],
    ['\ufeff{ a }', 'the document begins with a byte order mark'],
    [`{ ${'a '.repeat(10_001)} }`, 'the document is longer than 10000 tokens'],
    [`${'{ a '.repeat(50)}${'}'.repeat(50)}`, 'query a'],
    [`${'{ a '.repeat(51)}${'}'.repeat(51)}`, 'brackets are nested more than 50 deep'],
    ['{ a '.repeat(200_000), 'brackets are nested more than 50 deep'],
    [`{ a(x: ${'['.repeat(5000)}${']'.repeat(5000)}) }`, 'brackets are nested more than 50 deep'],
    [`query(${'$x: [[Int]] '.repeat(60)}) { a }`, 'query a'],
  ])('%#', (text, expected) => {
    const read = rootFieldsOf(text);
    expect(read.ok ? read.fields.map(({ type, field }) => `${type} ${field}`).join(', ') : read.why).toBe(
      expected,
    );
  });
});
