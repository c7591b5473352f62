/** The shape of gateway.yaml: what the platform's team says about addresses, identity, delegation and stores. */
import { z } from 'zod';
import { byteSizeSchema, durationSchema, pathPatternSchema } from '../../policy/index.ts';
import { delegationSchema } from '../delegation/index.ts';
import { directorySchema } from '../directory/index.ts';
import { identitySchema, pointerSchema, questionTimeout, upstreamPath } from '../identity/index.ts';
import { redisSchema } from '../sessions/index.ts';
import { webhooksSchema } from '../webhooks/webhooks-schema.ts';
import { settlingSchema } from '../settle/settling-schema.ts';

const port = z.int().min(0).max(65_535);
const headerName = z
  .string()
  .regex(/^[a-z0-9-]+$/, 'a header name in lower case, letters, digits and hyphens only');
const cookieName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a cookie name');
const webOrigin = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '');
}, 'an http:// or https:// address without a path, such as https://market.example');

const method = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export const gatewaySchema = z.strictObject({
  version: z.literal(1),
  listen: z.strictObject({ host: z.string(), port }).prefault({ host: '127.0.0.1', port: 8080 }),
  private_listen: z.strictObject({ host: z.string(), port }).prefault({ host: '127.0.0.1', port: 8090 }),
  /** What browsers type; absent, the listening address itself. */
  public_url: webOrigin.optional(),
  /** Further names the site answers to; anything else gets 421. */
  hosts: z.array(z.string().min(1)).default([]),
  /** Addresses (CIDR) of proxies in front of us whose X-Forwarded-For is believed. */
  trusted_proxies: z.array(z.string().min(1)).default([]),
  upstream: z.strictObject({
    url: webOrigin,
    /** Certificate of a private CA, PEM file; verification itself cannot be switched off. */
    ca_file: z.string().optional(),
    connections: z.int().min(1).max(4096).default(256),
    connect_timeout: durationSchema.prefault('5s'),
    headers_timeout: durationSchema.prefault('30s'),
    body_timeout: durationSchema.prefault('60s'),
    /** Host header the app is sent: the browser's own, or the upstream's. */
    host_header: z.enum(['preserve', 'upstream']).default('preserve'),
  }),
  limits: z
    .strictObject({
      methods: z.array(method).min(1).default(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
      header_bytes: byteSizeSchema.prefault('16KiB').pipe(
        z
          .number()
          .min(1024)
          .max(1024 * 1024),
      ),
      header_lines: z.int().min(10).max(1000).default(100),
      target_bytes: byteSizeSchema.prefault('8KiB').pipe(
        z
          .number()
          .min(256)
          .max(64 * 1024),
      ),
      request_body: byteSizeSchema.prefault('100MiB'),
      /** All bodies of acting writes held in memory together. */
      acting_bodies: byteSizeSchema.prefault('256MiB').pipe(z.number().min(1024 * 1024)),
      headers_timeout: durationSchema.prefault('10s'),
      request_timeout: durationSchema.prefault('5m'),
      /** How long requests are still taken after SIGTERM, so that balancers learn from readiness that we are leaving. */
      stop_delay: durationSchema.prefault('0s'),
      /** Act-as sessions that one person may start within a minute, and links they may make. */
      starts_per_minute: z.int().min(1).max(100_000).default(60),
      /** Rows a minute for what one session tried and was refused; what is beyond is counted in one row. */
      blocked_rows_per_minute: z.int().min(1).max(100_000).default(60),
      /** WebSockets that are open at once, of everybody together; each holds two connections. */
      websockets: z.int().min(1).max(1_000_000).default(10_000),
      /** Of them, those of one act-as session. */
      session_websockets: z.int().min(1).max(100_000).default(32),
    })
    .prefault({}),
  /** Headers that carry identity between proxies and the app: never accepted from outside. */
  identity_headers: z.array(headerName).default([]),
  /** What of a request is refused while acting, loosened for apps that need it. */
  settling: settlingSchema.prefault({}),
  acting: z
    .strictObject({
      /** Request headers passed on while acting, beyond the built-in list. */
      headers: z.array(headerName).default([]),
      /** The browser's own cookies passed on while acting, such as a locale. */
      cookies: z.array(cookieName).default([]),
    })
    .prefault({}),
  identity: identitySchema,
  directory: directorySchema,
  delegation: delegationSchema,
  /** Who does the app say is seated? Asked right after start and then at most this often, on an acting request. */
  canary: z
    .strictObject({
      path: upstreamPath,
      /** Where in the answer the id of the seated person stands. */
      id: pointerSchema,
      every: durationSchema.prefault('60s'),
      timeout: questionTimeout,
    })
    .optional(),
  /** The app's own sign-out, for an actor who signs out entirely. */
  sign_out: z
    .strictObject({
      method: z.enum(['POST', 'GET', 'DELETE']).default('POST'),
      path: upstreamPath,
    })
    .optional(),
  /** Where people sign in, for the gateway's own pages. */
  sign_in_page: upstreamPath.default('/'),
  /** Staff who begin on the Customer Service page after signing in to the app. */
  customer_service: z
    .strictObject({
      roles: z.array(z.string().min(1).max(64)).min(1),
      /** The app's own route by which people sign in. */
      sign_in: z.strictObject({
        method: z.enum(['POST', 'GET', 'PUT']).default('POST'),
        path: upstreamPath,
      }),
      /** Pages of the app on which it lets people begin after that. */
      landing: z.array(upstreamPath).min(1),
    })
    .optional(),
  keys: z.strictObject({ folder: z.string().min(1) }).prefault({ folder: './data/keys' }),
  /** Single-use act-as links, for one named member of staff each. */
  links: z
    .strictObject({
      /** How long one can be used, unless whoever makes it says otherwise. */
      expire_after: durationSchema.prefault('24h').pipe(z.number().min(60_000)),
      /** The most that may be said. */
      at_most: durationSchema.prefault('7d').pipe(z.number().min(60_000)),
    })
    .prefault({})
    .refine(({ expire_after: usual, at_most: most }) => usual <= most, {
      error: 'must not be longer than at_most',
      path: ['expire_after'],
    }),
  /** Where act-as sessions are kept: in this process's memory, unless a Redis is named here or by REDIS_URL. */
  sessions: z.strictObject({ redis: redisSchema.optional() }).prefault({}),
  /** Whether addresses of people stand on the record. Without the actor's nobody notices that it changes. */
  record: z
    .strictObject({
      actor_address: z.boolean().default(true),
      /** Of the subject, when they are seen while somebody acts for them. */
      subject_address: z.boolean().default(false),
    })
    .prefault({}),
  audit: z
    .strictObject({
      file: z.string().min(1).default('./data/audit.db'),
      /** Signed statements of how far the record reaches, for somebody else to keep. */
      checkpoints: z
        .strictObject({
          /** What this record calls itself in its checkpoints; the name of their key as well. */
          origin: z
            .string()
            .max(200)
            .regex(/^[!-*,-~]+$/, 'a name without spaces and plus signs, such as market.example/audit')
            .default('understudy/audit'),
          every_rows: z.int().min(1).max(1_000_000).default(1000),
          every: durationSchema.prefault('10m').pipe(z.number().min(1_000)),
          /** Each is added to the end of this file; best on another machine's disk. */
          file: z.string().min(1).optional(),
          /** Each is posted there as text. */
          webhook: z
            .url({ protocol: /^https?$/ })
            .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'an address without a name and password in it')
            .optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  /** Who is told of events as they are recorded. */
  webhooks: webhooksSchema,
  policy: z.string().min(1).default('./policy.yaml'),
  buttons: z
    .array(
      z.strictObject({
        page: pathPatternSchema,
        each: z.string().min(1),
        id_attribute: z.string().min(1),
        name_attribute: z.string().min(1).optional(),
        into: z.string().min(1).optional(),
        position: z.enum(['append', 'prepend']).default('append'),
      }),
    )
    .default([]),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
      /** Which requests get a line of their own. */
      requests: z.enum(['acting', 'all']).default('acting'),
    })
    .prefault({}),
});

export type GatewayFile = z.infer<typeof gatewaySchema>;
