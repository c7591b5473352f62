/** Hono on Node, which sees a request through the web's own `URL`. */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createServer } from 'node:http';
import { ROUTES } from '../routes.ts';
import type { Ran, Router } from './router.ts';
import { wishedMethod } from './wished-method.ts';

export function createHono(lax: boolean, ran: Ran): Router {
  const app = new Hono({ strict: !lax });
  for (const entry of ROUTES) {
    app.on(entry.method, entry.path, (context) => {
      ran(entry);
      return context.text('ran');
    });
  }
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    const wished = lax && request.method === 'POST' ? wishedMethod(request) : null;
    if (wished !== null) request.method = wished;
    void listener(request, response);
  });
  return { name: lax ? 'hono, lax' : 'hono', server, close: () => undefined };
}
