/** The keys for subject tokens, and what pages load of ours. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { KeyRing } from '../delegation/index.ts';
import type { Parts } from '../parts.ts';
import { refusal } from '../refusal.ts';
import { sendRefusal } from './own-request.ts';

/** Five minutes: long enough to spare the app a request, short enough for a key rotation. */
const KEYS_MAX_AGE = 'public, max-age=300';
/** Named by their content, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export function publicFileRoutes(app: FastifyInstance, keys: KeyRing, parts: Parts): void {
  app.get('/_act-as/jwks.json', (_request, reply) =>
    reply.header('cache-control', KEYS_MAX_AGE).send(keys.jwks()),
  );

  app.get(`${parts.browser.folder}*`, (request, reply) => {
    const file = parts.browser.files.get(request.url);
    if (file === undefined) return sendRefusal(refusal('not_found'), request, reply, parts);
    return reply.header('cache-control', FOR_EVER).type(file.contentType).send(file.body);
  });

  const pagesCss = readFileSync(new URL('../browser/pages.css', import.meta.url));
  app.get('/_act-as/pages.css', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').type('text/css; charset=utf-8').send(pagesCss),
  );
}
