/** `delegation:` in gateway.yaml: how the market app is told whose seat a request sits in. */
import { z } from 'zod';
import { durationSchema } from '../../policy/index.ts';

export const signingAlgorithmSchema = z.enum(['EdDSA', 'ES256']);

export type SigningAlgorithm = z.infer<typeof signingAlgorithmSchema>;

export const tokenSchema = z.strictObject({
  kind: z.literal('token'),
  /** The app itself, as it calls itself in `aud`. */
  audience: z.string().min(1).max(256),
  /** Absent, the site's public address. */
  issuer: z.string().min(1).max(256).optional(),
  algorithm: signingAlgorithmSchema.default('EdDSA'),
  /** Never more than a minute: what is stolen from the wire or a log is dead soon. */
  lifetime: durationSchema
    .prefault('60s')
    .pipe(z.number().refine((ms) => ms >= 5_000 && ms <= 60_000, 'between 5s and 60s')),
  /** Request header that carries the token. */
  header: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'a header name in lower case, letters, digits and hyphens only')
    .default('authorization'),
  /** Word before the token, `Bearer` in authorization; empty for none. */
  scheme: z
    .string()
    .regex(/^[A-Za-z0-9-]*$/, 'one word')
    .default('Bearer'),
});

export const delegationSchema = z.discriminatedUnion('kind', [tokenSchema]);

export type TokenConfig = z.infer<typeof tokenSchema>;
export type DelegationConfig = z.infer<typeof delegationSchema>;
