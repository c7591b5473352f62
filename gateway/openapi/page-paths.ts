/** Describes the gateway's own pages and what browsers and apps load of it. */
import type { Paths } from './openapi-types.ts';
import {
  ANY_REFUSAL,
  answer,
  inPath,
  inQuery,
  listOf,
  object,
  page,
  redirect,
  refusals,
  text,
} from './schema-words.ts';

const tags = ['pages'];
const key = object(
  { kty: text, kid: text, alg: text, use: text, crv: text, x: text },
  { y: text, key_ops: listOf(text) },
);

export const pagePaths: Paths = {
  '/_act-as': {
    get: {
      operationId: 'customerServiceBySlash',
      summary: 'The Customer Service page by another spelling',
      tags,
      responses: { ...ANY_REFUSAL, 308: redirect('To the page.') },
    },
  },
  '/_act-as/': {
    get: {
      operationId: 'customerService',
      summary:
        'Find a customer, act as them, see one’s orders; while acting, the question whether the session ends',
      tags,
      parameters: [inQuery('q', 'Whom to look for.', { type: 'string', maxLength: 200 })],
      responses: { ...ANY_REFUSAL, ...refusals(422), 200: page('The page.') },
    },
  },
  '/_act-as/jwks.json': {
    get: {
      operationId: 'keys',
      summary: 'Keys by which the app checks subject tokens (RFC 7517)',
      tags,
      responses: { ...ANY_REFUSAL, 200: answer('Public keys only.', object({ keys: listOf(key) })) },
    },
  },
  '/_act-as/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This description',
      tags,
      responses: { ...ANY_REFUSAL, 200: answer('OpenAPI 3.1.', { type: 'object' }) },
    },
  },
  '/_act-as/pages.css': {
    get: {
      operationId: 'pageStyle',
      summary: 'What the gateway’s own pages look like',
      tags,
      responses: {
        ...ANY_REFUSAL,
        200: { description: 'The style.', content: { 'text/css': { schema: text } } },
      },
    },
  },
  '/_act-as/browser/{version}/{file}': {
    get: {
      operationId: 'browserFile',
      summary: 'What banner and buttons load, named by its content',
      tags,
      parameters: [inPath('version', 'Hash of all the files.'), inPath('file', 'Name of one.')],
      responses: {
        ...ANY_REFUSAL,
        ...refusals(404),
        200: {
          description: 'The file.',
          content: { 'text/javascript': { schema: text }, 'text/css': { schema: text } },
        },
      },
    },
  },
};
