/** Makes GraphQL requests that mean more than they seem to: the mutation may stand anywhere that some server looks. */
import { constantFrom, integer, tuple, type Arbitrary } from 'fast-check';
import type { Attack } from './generate.ts';

const HARM = 'changePassword(to:"x")';
const BOTH = `query A { products } mutation B { ${HARM} }`;

const DOCUMENTS = [
  '{ products }',
  'query Q { products }',
  'mutation { addToCart }',
  'query { __typename }',
  'mutation M { addToCart(to:"1") }',
  `mutation { ${HARM} }`,
  `mutation products { ${HARM} }`,
  `mutation { addToCart: ${HARM} }`,
  `mutation { addToCart, b: ${HARM} }`,
  BOTH,
  `fragment F on Mutation { ${HARM} } mutation { addToCart ...F }`,
  `mutation { ... on Mutation { ${HARM} } }`,
  `mutation { ...F } fragment F on Mutation { ...G } fragment G on Mutation { ${HARM} }`,
  `mutation { ... @include(if: true) { ${HARM} } }`,
  `# query { products }\nmutation { ${HARM} }`,
  `\ufeffmutation{${HARM}}`,
  `,,,mutation,{,${HARM},},`,
  `mutation { deleteCard(to:"""x""") }`,
  `mutation M($t: String = "x") { changePassword(to: $t) }`,
  `mutation { addToCart(to:"{ ${HARM.replaceAll('"', '\\"')} }") }`,
  `query { products } # mutation { ${HARM} }`,
  'mutation {',
  '',
];
const NAMES = [null, null, null, null, 'A', 'B', 'B', 'M', ''];

const wrappings: readonly ((document: string, name: string | null) => Attack)[] = [
  (document, name) => post('application/json', json(document, name)),
  (document, name) => post('application/json', json(document, name).replace('"query"', '"\\u0071uery"')),
  (document, name) => post('application/json', `{"query":"{ products }",${json(document, name).slice(1)}`),
  (document, name) =>
    post('application/json', `${json(document, name).slice(0, -1)},"query":"{ products }"}`),
  (document, name) => post('application/json', `[${json('{ products }', null)},${json(document, name)}]`),
  (document, name) => post('application/json', json(document, name).replace('"query"', '"Query"')),
  (document, name) => post('text/plain', json(document, name)),
  (document) => post('application/graphql', document),
  (document, name) => post('', json(document, name)),
  (document, name) =>
    post('application/json; charset=utf-16', Buffer.from(json(document, name), 'utf16le').toString('latin1')),
  (document, name) => post('application/x-www-form-urlencoded', form(document, name)),
  (document, name) =>
    post('application/x-www-form-urlencoded', `operations=${encodeURIComponent(json(document, name))}`),
  (document, name) => post('application/json', json('{ products }', null), `?${form(document, name)}`),
  (document, name) =>
    post('application/x-www-form-urlencoded', `query=%7Bproducts%7D&${form(document, name)}`),
  (document, name) =>
    post(
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${utf8(json(document, name))}\r\n--x--\r\n`,
    ),
  (document, name) => get(`?${form(document, name)}`),
  (document, name) => get(`?query=%7Bproducts%7D&${form(document, name)}`),
  (document, name) => get(`?operations=${encodeURIComponent(json(document, name))}`),
  () => post('application/json', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"abc"}}}'),
];

const PATHS = [
  '/graphql',
  '/graphql',
  '/graphql',
  '/graphql',
  '/GraphQL',
  '/graphql/',
  '//graphql',
  '/gr%61phql',
  '/graphql;x',
  '/graphql%20',
];

export const anyGraphql: Arbitrary<Attack> = tuple(
  constantFrom(...DOCUMENTS),
  constantFrom(...NAMES),
  integer({ min: 0, max: wrappings.length - 1 }),
  constantFrom(...PATHS),
).map(([document, name, index, path]) => {
  const attack = wrappings[index]?.(document, name) ?? get('');
  return { ...attack, target: path + attack.target };
});

function post(type: string, body: string, query = ''): Attack {
  const headers = type === '' ? [] : [`Content-Type: ${type}`];
  return {
    method: 'POST',
    target: query,
    headers,
    body: type.includes('utf-16') || type.startsWith('multipart') ? body : utf8(body),
  };
}

function get(query: string): Attack {
  return { method: 'GET', target: query, headers: [], body: null };
}

function json(query: string, operationName: string | null): string {
  return JSON.stringify(operationName === null ? { query } : { query, operationName });
}

function form(document: string, name: string | null): string {
  return `query=${encodeURIComponent(document)}${name === null ? '' : `&operationName=${name}`}`;
}

/** Bytes of the text, one character each. */
function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
