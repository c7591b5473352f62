/** Describes the reference market's API in OpenAPI, from the routes that its Fastify instance really has. */
import { buildApp } from '../../../fixtures/market/build-app.ts';
import { openDatabase } from '../../../fixtures/market/data/open-database.ts';
import { openShop } from '../../../fixtures/market/shop.ts';

export type OpenApi = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
};

export async function marketOpenApi(): Promise<OpenApi> {
  const now = () => new Date(0);
  const { db } = openDatabase(':memory:', now);
  const app = buildApp(openShop(db, now), { log: null, tokens: null, mailServerKey: 'a key' });
  await app.ready();
  const paths: Record<string, Record<string, object>> = {};
  // Each line is a piece of a path, four columns deeper than the piece before it.
  const above: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, lead = '', piece = '', methods = ''] = /^([\s│]*)[├└]── (\S+) \(([^)]*)\)/.exec(line) ?? [];
    if (methods === '') continue;
    above.length = lead.length / 4;
    above.push(piece);
    const path = above
      .join('')
      .replaceAll('//', '/')
      .replaceAll(/:(\w+)/g, '{$1}');
    for (const method of methods.split(', '))
      (paths[path] ??= {})[method.toLowerCase()] = { responses: { default: { description: 'An answer' } } };
  }
  await app.close();
  db.close();
  return { openapi: '3.1.0', info: { title: 'Reference market', version: '1' }, paths };
}
