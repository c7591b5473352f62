/** Fastify: as it comes, and with every laxity that its router offers. */
import Fastify from 'fastify';
import { createServer, type Server } from 'node:http';
import { ROUTES } from '../routes.ts';
import type { Ran, Router } from './router.ts';
import { wishedMethod } from './wished-method.ts';

export async function createFastify(lax: boolean, ran: Ran): Promise<Router> {
  const routerOptions = {
    caseSensitive: !lax,
    ignoreTrailingSlash: lax,
    ignoreDuplicateSlashes: lax,
    useSemicolonDelimiter: lax,
  };
  const app = Fastify<Server>({
    routerOptions,
    serverFactory: (handler) =>
      createServer((request, response) => {
        const wished = lax ? wishedMethod(request) : null;
        if (wished !== null) request.method = wished;
        handler(request, response);
      }),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const entry of ROUTES) {
    app.route({
      method: entry.method,
      url: entry.path,
      handler: () => {
        ran(entry);
        return 'ran';
      },
    });
  }
  await app.ready();
  return { name: lax ? 'fastify, lax' : 'fastify', server: app.server, close: () => app.close() };
}
