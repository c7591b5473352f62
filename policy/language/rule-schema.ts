/** One entry of `rules:`: its keys and their shapes. */
import { z } from 'zod';
import { byteSizeSchema } from '../byte-size.ts';
import { bodyConditionSchema } from './body-condition.ts';
import {
  actorsSchema,
  graphqlConditionSchema,
  headerConditionSchema,
  marketConditionSchema,
  queryConditionSchema,
  subjectsSchema,
} from './condition-schemas.ts';
import { contradictions } from './contradictions.ts';
import { amendSchema, captureSchema, cartIdSchema, redactSchema } from './obligation-schemas.ts';
import { webSocketSchema } from './websocket-schema.ts';
import { actionSchema, routeSchema, ruleIdSchema } from './words.ts';

const plainRuleSchema = z.strictObject({
  id: ruleIdSchema,
  on: z.array(routeSchema).min(1),
  while: z.enum(['acting', 'assisted']).default('acting'),
  effect: z.enum(['allow', 'audit', 'confirm', 'block', 'pause']),
  // Conditions: all of them must hold.
  actors: actorsSchema.optional(),
  subjects: subjectsSchema.optional(),
  market: marketConditionSchema.optional(),
  mode: z.enum(['full', 'view']).optional(),
  query: queryConditionSchema.optional(),
  header: headerConditionSchema.optional(),
  body: bodyConditionSchema,
  graphql: graphqlConditionSchema.optional(),
  // What is recorded, and what people read.
  action: actionSchema.optional(),
  label: z.string().trim().min(1).max(120).optional(),
  body_message: z.string().trim().min(1).max(300).optional(),
  // Obligations, and how the request is handled.
  amend: amendSchema.optional(),
  capture: captureSchema.optional(),
  redact: redactSchema.optional(),
  places_order: z.boolean().optional(),
  cart_id: cartIdSchema.optional(),
  send_back: z.boolean().optional(),
  reads: z.boolean().optional(),
  background: z.boolean().optional(),
  websocket: webSocketSchema.optional(),
  body_limit: z.union([z.literal('stream'), byteSizeSchema]).optional(),
});

const aboutSchema = plainRuleSchema.pick({ while: true, effect: true }).loose();

export type RuleLine = z.output<typeof plainRuleSchema>;

export const ruleSchema = plainRuleSchema.superRefine(
  (rule, context) => {
    for (const [key, message, hint] of contradictions(rule))
      context.addIssue({ code: 'custom', path: [key], message, input: rule, params: { hint } });
  },
  // Also when something else in the rule is wrong, as long as it says what it is about.
  { when: ({ value }) => aboutSchema.safeParse(value).success },
);
