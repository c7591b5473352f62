/** The whole of policy.yaml as a schema: shapes, defaults, and what contradicts itself between its parts. */
import { z } from 'zod';
import { testSchema } from '../authoring/tests/test-schema.ts';
import { durationSchema } from '../duration.ts';
import { settlePath } from '../settle-path.ts';
import { findClashes } from './clashes.ts';
import { ruleSchema } from './rule-schema.ts';
import { currencySchema, roleSchema, timezoneSchema } from './words.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const timeoutSchema = durationSchema.refine((length) => length >= 1000 && length <= DAY, {
  message: 'must be at least 1s and at most 24h',
});

const landOnSchema = z
  .string()
  .refine((path) => /^\/[^?#]*$/.test(path) && settlePath(path).faults.length === 0, {
    message: 'expected a path of the app such as /market',
  });

const pauseSchema = z.enum(['at_start', 'on_lock']);
const claimSchema = z.string().min(1).max(100);

const grantSchema = z.strictObject({
  actors: z.array(roleSchema).min(1),
  subjects: z.array(roleSchema).min(1),
  market: z.enum(['same', 'any']).default('same'),
  assigned: z.boolean().default(false),
  claim: z.union([claimSchema, z.array(claimSchema).min(1).max(8)]).optional(),
  mode: z.enum(['full', 'view']).default('full'),
  take_over: z.boolean().default(false),
  idle_timeout: timeoutSchema.optional(),
  absolute_timeout: timeoutSchema.optional(),
  land_on: landOnSchema.optional(),
  pause: pauseSchema.optional(),
});

const actAsSchema = z
  .strictObject({
    who: z.array(grantSchema).min(1),
    never: z.array(roleSchema).default([]),
    reason: z
      .strictObject({
        max_length: z.int().min(1).max(500).default(250),
        required: z.boolean().default(false),
      })
      .default({ max_length: 250, required: false }),
    idle_timeout: timeoutSchema.default(30 * MINUTE),
    absolute_timeout: timeoutSchema.default(120 * MINUTE),
    land_on: landOnSchema.default('/'),
    pause: pauseSchema.default('at_start'),
    cart_at_end: z.enum(['kept', 'lost']).optional(),
    on_address_change: z.enum(['mark', 'end', 'ignore']).default('mark'),
  })
  .superRefine((actAs, context) => {
    if (actAs.idle_timeout > actAs.absolute_timeout)
      context.addIssue({
        code: 'custom',
        path: ['idle_timeout'],
        message: 'must not be longer than absolute_timeout',
        input: actAs,
      });
    for (const [index, grant] of actAs.who.entries()) {
      const idle = grant.idle_timeout ?? actAs.idle_timeout;
      if (grant.idle_timeout === undefined && grant.absolute_timeout === undefined) continue;
      if (idle > (grant.absolute_timeout ?? actAs.absolute_timeout))
        context.addIssue({
          code: 'custom',
          path: ['who', index, grant.idle_timeout === undefined ? 'absolute_timeout' : 'idle_timeout'],
          message:
            grant.idle_timeout === undefined
              ? 'must not be shorter than idle_timeout'
              : 'must not be longer than absolute_timeout',
          input: actAs,
        });
    }
    for (const [index, { subjects }] of actAs.who.entries())
      for (const [place, role] of subjects.entries())
        if (actAs.never.includes(role))
          context.addIssue({
            code: 'custom',
            path: ['who', index, 'subjects', place],
            message: `"${role}" stands under never as well, and never wins`,
            input: actAs,
          });
  });

const reviewerSchema = z.strictObject({
  roles: z.array(roleSchema).min(1),
  see: z.enum(['own_market', 'every_market']),
});

export const policySchema = z
  .strictObject({
    version: z.literal(1),
    markets: z
      .record(
        z.string().min(1),
        z.strictObject({
          name: z.string().min(1).max(200),
          timezone: timezoneSchema,
          currency: currencySchema.optional(),
        }),
      )
      .default({}),
    act_as: actAsSchema,
    reviewers: z.array(reviewerSchema).default([]),
    rules: z.array(ruleSchema).default([]),
    otherwise: z
      .strictObject({
        reads: z.enum(['allow', 'audit', 'block']).default('allow'),
        writes: z.enum(['allow', 'audit', 'block']).default('block'),
      })
      .default({ reads: 'allow', writes: 'block' }),
    tests: z.array(testSchema).default([]),
  })
  .superRefine(
    (file, context) => {
      for (const { path, message } of findClashes(file.rules))
        context.addIssue({ code: 'custom', path: ['rules', ...path], message, input: file });
    },
    // Clashes are reported along with whatever else is wrong, so the rules seen here may be of any shape.
    { when: () => true },
  );

export type PolicyFile = z.output<typeof policySchema>;
