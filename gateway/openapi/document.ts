/** The description of all our own routes, as the running gateway serves it; a test walks the routes and holds it to them. */
import { linkPaths } from './link-paths.ts';
import type { Paths, Schema } from './openapi-types.ts';
import { pagePaths } from './page-paths.ts';
import { recordPaths } from './record-paths.ts';
import { sessionPaths } from './session-paths.ts';
import { ref, text } from './schema-words.ts';
import { schemas } from './schemas.ts';

export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Paths;
  readonly components: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
};

const OWN_CREDENTIAL = [{ app_cookie: [] }, { app_bearer: [] }];

/** @param cookieName the act-as cookie's, which differs with and without HTTPS */
export function openApiDocument(cookieName: string): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Understudy',
      version: '1.0.0',
      description:
        'Everything under /_act-as and /admin/impersonation-audit is the gateway’s own; every other path belongs to the market app. A request that changes something comes from a page of this origin (its Origin says so) or carries a bearer and no Origin at all.',
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'sessions', description: 'Act-as sessions, by cookie and by bearer' },
      { name: 'links', description: 'Single-use links for one named member of staff' },
      { name: 'record', description: 'For reviewers' },
      { name: 'pages', description: 'For browsers, and for the app' },
    ],
    security: OWN_CREDENTIAL,
    paths: { ...sessionPaths, ...linkPaths, ...recordPaths, ...pagePaths },
    components: {
      schemas: { ...schemas },
      responses: {
        Refusal: {
          description:
            'Refused. RFC 9457 problem details for programs, a page for people; `code` is from a closed list.',
          content: {
            'application/problem+json': { schema: ref('Problem') },
            'text/html': { schema: text },
          },
        },
      },
      securitySchemes: {
        app_cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'the app’s own',
          description: 'The app’s own session cookie, under its own name.',
        },
        app_bearer: { type: 'http', scheme: 'bearer', description: 'The app’s own bearer.' },
        act_as_cookie: { type: 'apiKey', in: 'cookie', name: cookieName },
        act_as_bearer: {
          type: 'apiKey',
          in: 'header',
          name: 'Act-As',
          description: 'Beside the caller’s own credential, never in its place.',
        },
      },
    },
  };
}
