/** `identity:` in gateway.yaml: how the gateway learns who sends a request. */
import { z } from 'zod';
import { durationSchema } from '../../policy/index.ts';
import { personSchema } from './person-schema.ts';
import { cookieChoiceSchema, fixedHeadersSchema, questionTimeout, upstreamPath } from './question-schema.ts';

export const introspectSchema = z
  .strictObject({
    kind: z.literal('introspect'),
    /** The app's own "who am I?" route. */
    path: upstreamPath,
    /** The cookies that prove who somebody is, by name; `all` sends every cookie but ours. */
    cookies: cookieChoiceSchema.optional(),
    /** Whether the app accepts an Authorization header too. */
    authorization: z.boolean().default(false),
    headers: fixedHeadersSchema,
    timeout: questionTimeout,
    /** For apps that answer strangers with a redirect to their sign-in page. */
    redirect_is_anonymous: z.boolean().default(false),
    person: personSchema,
  })
  .refine((config) => config.cookies !== undefined || config.authorization, {
    error: 'name the cookies that prove who somebody is, or set authorization: true',
    path: ['cookies'],
  });

const asymmetric = z.enum([
  'EdDSA',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
]);
const place = z.union([
  z.strictObject({ cookie: z.string().min(1) }),
  z.strictObject({ header: z.string().regex(/^[a-z0-9-]+$/, 'a header name in lower case') }),
]);

export const jwtSchema = z
  .strictObject({
    kind: z.literal('jwt'),
    /** Where tokens stand, in the order in which the app looks; of several the first that verifies counts. */
    from: z.array(place).min(1),
    /** Address of the app's keys: a path on the upstream, or an https:// address. */
    jwks: z
      .union([
        upstreamPath,
        z.url({ protocol: /^https$/, error: 'a path on the upstream or an https:// address' }),
      ])
      .optional(),
    algorithms: z.array(asymmetric).min(1).optional(),
    /** Shared secret of an app that signs with HS256. */
    secret: z
      .string()
      .refine((text) => Buffer.byteLength(text) >= 32, 'at least 32 bytes, as HS256 demands')
      .optional(),
    issuer: z.string().min(1).optional(),
    audience: z.string().min(1).optional(),
    clock_tolerance: durationSchema.prefault('5s').pipe(z.number().max(60_000)),
    timeout: questionTimeout,
    person: personSchema,
  })
  .refine((config) => (config.jwks === undefined) !== (config.secret === undefined), {
    error: 'needs either jwks or secret, and not both',
    path: ['jwks'],
  })
  .refine((config) => (config.jwks === undefined) === (config.algorithms === undefined), {
    error: 'belongs to jwks, and jwks needs it: the algorithms the app signs with',
    path: ['algorithms'],
  });

export const identitySchema = z.discriminatedUnion('kind', [introspectSchema, jwtSchema]);

export type IntrospectConfig = z.infer<typeof introspectSchema>;
export type JwtConfig = z.infer<typeof jwtSchema>;
export type IdentityConfig = z.infer<typeof identitySchema>;
