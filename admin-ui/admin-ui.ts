/** The audit reviewers' pages as a Fastify plugin: log, JSON, CSV, session timeline and live sessions. */
import type { FastifyPluginCallback } from 'fastify';
import { AUDIT_PATH, ORDERS_PATH, POLICY_PATH } from './address.ts';
import { serveAssets } from './assets.ts';
import type { AdminUiDeps } from './deps.ts';
import { csvRoute } from './csv-route.ts';
import { eventsRoute } from './events-route.ts';
import { forReviewers } from './for-reviewers.ts';
import { logRoute } from './log-route.ts';
import { newerRoute } from './newer-route.ts';
import { orderRoute } from './order-route.ts';
import { policyRoute } from './policy-route.ts';
import { useSecurityHeaders } from './security-headers.ts';
import { sessionRoute } from './session-route.ts';

/** Encapsulated: its hooks touch no route but its own. Addresses are absolute; register it without a prefix. */
export const adminUi: FastifyPluginCallback<AdminUiDeps> = (app, deps, done) => {
  useSecurityHeaders(app);
  serveAssets(app);
  app.get(AUDIT_PATH, forReviewers(deps, logRoute(deps)));
  app.get(`${AUDIT_PATH}/`, (request, reply) => {
    const query = request.url.indexOf('?');
    return reply.redirect(AUDIT_PATH + (query === -1 ? '' : request.url.slice(query)), 308);
  });
  app.get(`${AUDIT_PATH}/events.json`, forReviewers(deps, eventsRoute(deps)));
  app.get(`${AUDIT_PATH}/newer.json`, { exposeHeadRoute: false }, forReviewers(deps, newerRoute(deps)));
  // A HEAD would read the whole record only to throw it away.
  app.get(`${AUDIT_PATH}/export.csv`, { exposeHeadRoute: false }, forReviewers(deps, csvRoute(deps)));
  app.get(ORDERS_PATH, forReviewers(deps, orderRoute(deps)));
  app.get(POLICY_PATH, forReviewers(deps, policyRoute(deps)));
  app.get(`${AUDIT_PATH}/sessions/:id`, forReviewers(deps, sessionRoute(deps)));
  done();
};
