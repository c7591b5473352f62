/** hapi, minding letter case and slashes or not. */
import Hapi from '@hapi/hapi';
import { createServer } from 'node:http';
import { z } from 'zod';
import { ROUTES } from '../routes.ts';
import type { Ran, Router } from './router.ts';

const verbs = z.enum(['GET', 'POST', 'PUT', 'DELETE']);

export async function createHapi(lax: boolean, ran: Ran): Promise<Router> {
  const listener = createServer();
  const app = Hapi.server({
    listener,
    autoListen: false,
    debug: false,
    router: { isCaseSensitive: !lax, stripTrailingSlash: lax },
  });
  for (const entry of ROUTES) {
    app.route({
      method: verbs.parse(entry.method),
      path: entry.path.replaceAll(/:(\w+)/g, '{$1}'),
      ...(entry.method === 'GET' ? {} : { options: { payload: { parse: false } } }),
      handler: () => {
        ran(entry);
        return 'ran';
      },
    });
  }
  await app.initialize();
  return { name: lax ? 'hapi, lax' : 'hapi', server: listener, close: () => app.stop() };
}
