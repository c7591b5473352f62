/** The gateway's own pages and routes on the public listener; whatever goes wrong in them ends in the same refusals. */
import { Readable } from 'node:stream';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { bearsToken } from '../bearer/bearer-token.ts';
import type { KeyRing } from '../delegation/index.ts';
import type { Parts } from '../parts.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { SessionsUnavailableError } from '../sessions/index.ts';
import type { Settled } from '../settle/settle.ts';
import { customerServiceRoute } from './customer-service.ts';
import { customersRoute } from './customers.ts';
import { linkRoutes } from './links.ts';
import { lockRoute } from './lock.ts';
import { openLinkRoutes } from './open-link.ts';
import { openApiRoute } from './openapi.ts';
import { requestIdOf, seatOf, sendRefusal, settledOf } from './own-request.ts';
import { publicFileRoutes } from './public-files.ts';
import { sessionRoutes } from './sessions.ts';
import { statusRoute } from './status.ts';
import { stopRoute } from './stop.ts';
import { tokenRoute } from './tokens.ts';

const BODY_LIMIT = 64 * 1024;

/** What is served by us and never forwarded; the path is the canonical one, in any letter case. */
export function isOwnPath(canonical: string): boolean {
  return /^\/(?:_act-as|admin\/impersonation-audit)(?:\/|$)/i.test(canonical);
}

/** Further pages of ours, registered by whoever composes the product. */
export type OwnPages = (app: FastifyInstance, parts: Parts) => Promise<void> | void;

export async function createOwnApp(keys: KeyRing, parts: Parts, pages: OwnPages): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    genReqId: (incoming) => requestIdOf(incoming),
    routerOptions: { ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      parts.log.info({ code: error.code }, 'a request of ours could not be read');
      void sendRefusal(refusal('not_found'), request, reply, parts);
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', settledOf(request).id).header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'same-origin');
    done();
  });
  app.addHook('onRequest', async (request, reply) => {
    const settled = settledOf(request);
    if (settled.cookie.kind === 'none' || isOpenWhileActing(settled)) return;
    const seat = await seatOf(request, parts);
    if (seat.kind === 'acting') return sendRefusal(stopFirst(), request, reply, parts);
    // Nobody can say then that it is not a page in somebody's seat.
    if (seat.kind === 'unknown') return sendRefusal(seat.refusal, request, reply, parts);
    return;
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    // The listener ends the stream of a request without a body before anybody hears of it; a parser would wait for ever.
    done(null, request.raw.readableEnded ? Readable.from([]) : payload);
  });
  app.setNotFoundHandler((request, reply) => sendRefusal(refusal('not_found'), request, reply, parts));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof SessionsUnavailableError) {
      return sendRefusal(refusal('sessions_unavailable'), request, reply, parts);
    }
    const status = statusOf(error);
    if (status >= 400 && status < 500) {
      const why = refusal('invalid_request', {
        detail: 'The body of the request could not be read.',
        fault: 'body',
      });
      return sendRefusal({ ...why, status }, request, reply, parts);
    }
    parts.log.error({ request_id: settledOf(request).id, err: error }, 'a route of ours failed');
    return sendRefusal(refusal('internal_error'), request, reply, parts);
  });
  await app.register(formbody, { bodyLimit: BODY_LIMIT });
  statusRoute(app, parts);
  sessionRoutes(app, parts);
  stopRoute(app, parts);
  customersRoute(app, parts);
  customerServiceRoute(app, parts);
  lockRoute(app, parts);
  tokenRoute(app, parts);
  linkRoutes(app, parts);
  openLinkRoutes(app, parts);
  openApiRoute(app, parts);
  publicFileRoutes(app, keys, parts);
  await pages(app, parts);
  await app.ready();
  return app;
}

/**
 * A page in the subject's seat is the subject's: a script in it must not reach what is open to the actor alone, other
 * customers and the record. Starting once more is answered by its own refusal.
 */
const OPEN_WHILE_ACTING =
  /^(?:\w+ \/_act-as\/(?:status|stop|lock|jwks\.json|openapi\.json|pages\.css|browser\/.*)|POST \/_act-as\/sessions|GET \/admin\/impersonation-audit\/assets\/.*)$/;
/** The question whether to leave the seat, for people; whoever holds a bearer is asked nothing and learns nothing there. */
const OPEN_IN_A_BROWSER = /^GET \/_act-as\/?$/;

function isOpenWhileActing(settled: Settled): boolean {
  const line = `${settled.method} ${settled.path.canonical}`;
  return OPEN_WHILE_ACTING.test(line) || (OPEN_IN_A_BROWSER.test(line) && !bearsToken(settled));
}

const stopFirst = (): Refusal =>
  refusal('not_allowed', {
    detail: 'This is open to you as yourself, not in someone else’s seat. Stop acting first.',
    fault: 'acting',
  });

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
