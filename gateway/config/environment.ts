/** The one place where the environment is read: what it may say, and what is wrong with it. */
import { z } from 'zod';
import { redisUrl } from '../sessions/index.ts';

const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    error: ({ input }) => `must be a port number from 0 to 65535, not "${String(input)}"`,
  })
  .transform(Number);

const environmentSchema = z.object({
  PORT: port.optional(),
  HOST: z.string().min(1).optional(),
  PRIVATE_PORT: port.optional(),
  UPSTREAM_URL: z.url({ protocol: /^https?$/ }).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_SENTINEL_PASSWORD: z.string().min(1).optional(),
  // Never repeated in what is said about it: there is a password in it.
  AUDIT_URL: z
    .string()
    .refine((text) => /^postgres(?:ql)?:$/.test(URL.parse(text)?.protocol ?? ''), {
      error: 'must be an address such as postgres://role:password@host/database',
    })
    .optional(),
});

export type Environment = z.infer<typeof environmentSchema>;

export function readEnvironment(
  variables: NodeJS.ProcessEnv = process.env,
): { ok: true; environment: Environment } | { ok: false; mistakes: readonly string[] } {
  // An empty variable means "not set", as in shells and compose files.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(set);
  if (parsed.success) return { ok: true, environment: parsed.data };
  return {
    ok: false,
    mistakes: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  };
}
