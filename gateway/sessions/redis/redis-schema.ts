/** What gateway.yaml says about sessions in Redis: where it is, alone, behind Sentinel or as a Cluster. */
import { z } from 'zod';

export const redisUrl = z
  .url({
    protocol: /^rediss?$/,
    error: 'must be an address such as redis://user:password@host:6379/0, or rediss:// for TLS',
  })
  .refine(
    (url) => URL.canParse(url) && /^\/?\d{0,3}$/.test(new URL(url).pathname),
    'the path of the address is the number of a database',
  );

const node = z
  .string()
  .regex(/^(?:[a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, 'a host and a port, such as 10.0.0.1:6379');

const nodes = z.array(node).min(1);

export const redisSchema = z
  .strictObject({
    /** REDIS_URL overrides it, and is the better place for a password. */
    url: redisUrl.optional(),
    /** First word of every key; gateways that share sessions share it. */
    prefix: z
      .string()
      .regex(/^[a-z0-9_.-]{1,64}$/, 'lower-case letters, digits, dots, hyphens and underscores')
      .default('understudy'),
    /** With Sentinel or a Cluster, user, password, TLS and database are still those of the address; its host is not used. */
    sentinel: z
      .strictObject({
        nodes,
        master: z.string().min(1),
        /** What the Sentinels themselves ask for. REDIS_SENTINEL_PASSWORD overrides, and is the better place. */
        username: z.string().min(1).optional(),
        password: z.string().min(1).optional(),
        tls: z.boolean().default(false),
      })
      .optional(),
    cluster: z.strictObject({ nodes }).optional(),
    /** Certificate of a private CA, PEM file; verification itself cannot be switched off. */
    ca_file: z.string().min(1).optional(),
    /** A Redis that may evict keys forgets sessions; act-as sessions start there only if this says so. */
    accept_eviction: z.boolean().default(false),
  })
  .refine((redis) => redis.sentinel === undefined || redis.cluster === undefined, {
    message: 'either sentinel or cluster, not both',
    path: ['cluster'],
  });

export type RedisConfig = z.output<typeof redisSchema>;
