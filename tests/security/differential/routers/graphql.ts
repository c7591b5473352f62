/** GraphQL servers: graphql-http as it comes, and one that takes operations from wherever any server ever took them. */
import {
  execute,
  graphql,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { createServer, type IncomingMessage } from 'node:http';
import { OPERATIONS } from '../routes.ts';
import type { Ran, Router } from './router.ts';

export function createGraphqlHttp(ran: Ran): Router {
  // Its own functions would be those of another copy of the module where tests are bundled.
  const handler = createHandler({
    schema: schemaThat(ran),
    parse,
    validate,
    validationRules: () => specifiedRules,
    execute,
  });
  const server = createServer((request, response) => {
    if (isGraphql(request)) void handler(request, response);
    else response.writeHead(404).end();
  });
  return { name: 'graphql-http', server, close: () => undefined };
}

export function createLaxGraphql(ran: Ran): Router {
  const schema = schemaThat(ran);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked = isGraphql(request) ? operationsIn(request, Buffer.concat(chunks)) : [];
      Promise.all(
        asked.map(({ query, operationName }) =>
          graphql({ schema, source: query, ...(operationName === undefined ? {} : { operationName }) }),
        ),
      ).then(
        () => response.end('{}'),
        () => response.writeHead(400).end(),
      );
    });
  });
  return { name: 'graphql, lax', server, close: () => undefined };
}

function schemaThat(ran: Ran): GraphQLSchema {
  const fieldsOf = (kind: string) =>
    Object.fromEntries(
      OPERATIONS.filter(({ method }) => method === kind).map((entry) => [
        entry.path,
        {
          type: GraphQLString,
          args: { to: { type: GraphQLString } },
          resolve: () => {
            ran(entry);
            return 'ran';
          },
        },
      ]),
    );
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { ...fieldsOf('QUERY'), id: { type: new GraphQLNonNull(GraphQLString) } },
    }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: fieldsOf('MUTATION') }),
  });
}

function isGraphql({ url = '' }: IncomingMessage): boolean {
  const path = (url.split('?', 1)[0] ?? '').replaceAll('%20', ' ').replaceAll('%61', 'a');
  return /^\/+graphql\/?$/i.test(path.trim());
}

type Asked = { readonly query: string; readonly operationName?: string };

/** From the query of the URL, a JSON body or a list of them, a form, the `operations` of one, or the bare text. */
function operationsIn({ url = '', headers }: IncomingMessage, bytes: Buffer): readonly Asked[] {
  const encoding = /utf-16/i.test(headers['content-type'] ?? '') ? 'utf16le' : 'utf8';
  const text = bytes.toString(encoding).replace(/^\ufeff/, '');
  const parts = [...text.matchAll(/name="(?:operations|query)"\r\n(?:[^\r\n]+\r\n)*\r\n([^]*?)\r\n--/g)].map(
    ([, value]) => value ?? '',
  );
  const found: unknown[] = [
    fromForm(url.slice(url.indexOf('?') + 1)),
    fromForm(text),
    fromJson(text),
    { query: text },
  ];
  for (const part of parts) found.push(fromJson(part), { query: part });
  return found.flat().flatMap(askedIn);
}

function fromForm(text: string): unknown {
  const form = new URLSearchParams(text);
  const query = form.getAll('query').at(-1);
  const operationName = form.get('operationName');
  const direct = query === undefined ? [] : [{ query, ...(operationName === null ? {} : { operationName }) }];
  return [...direct, fromJson(form.get('operations') ?? '')].flat();
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function askedIn(value: unknown): readonly Asked[] {
  if (typeof value !== 'object' || value === null || !('query' in value) || typeof value.query !== 'string')
    return [];
  const operationName =
    'operationName' in value && typeof value.operationName === 'string' ? value.operationName : undefined;
  return [{ query: value.query, ...(operationName === undefined ? {} : { operationName }) }];
}
