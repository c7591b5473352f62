/** `webhooks:` in gateway.yaml: who is told of events, signed, in order, at least once. */
import { z } from 'zod';
import { EVENT_NAMES } from '../../audit-store/index.ts';
import { durationSchema } from '../../policy/index.ts';

export const webhookSchema = z
  .strictObject({
    /** A name for log, metrics and files; the address itself is told to nobody. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a short name: lower-case letters, digits and hyphens'),
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'an address without a name and password in it'),
    events: z
      .array(z.enum(EVENT_NAMES))
      .min(1)
      .default([...EVENT_NAMES]),
    /** Of these actions only, such as place_order. */
    actions: z.array(z.string().min(1).max(80)).min(1).optional(),
    /** One `whsec_…` a line: the first is the one in use, one more may be on its way in or out. */
    secret_file: z.string().min(1),
    timeout: durationSchema.prefault('10s').pipe(z.number().min(100).max(60_000)),
    /** Tries of one event before it is laid aside and the next one is sent. */
    attempts: z.int().min(1).max(30).default(12),
    /** Without TLS, for a receiver on this machine or a network that is trusted. */
    allow_http: z.boolean().default(false),
    /** To addresses of private networks and of this machine. */
    allow_private: z.boolean().default(false),
  })
  .refine(({ url, allow_http: plain }) => plain || /^https:/i.test(url), {
    error: 'must begin with https://, or say allow_http: true',
    path: ['url'],
  });

export const webhooksSchema = z
  .array(webhookSchema)
  .max(20)
  .default([])
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'two webhooks have the same id');

export type WebhookConfig = z.infer<typeof webhookSchema>;
