/** `GET /_act-as/openapi.json`: the description of these routes, for programs and for those who write them. */
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../openapi/document.ts';
import type { Parts } from '../parts.ts';

export function openApiRoute(app: FastifyInstance, parts: Parts): void {
  const document = openApiDocument(parts.cookieName);
  app.get('/_act-as/openapi.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(document),
  );
}
