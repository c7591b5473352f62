/** One entry of `rules:`, and what contradicts itself within it. */
import { z } from 'zod';
import { byteSizeSchema } from '../byte-size.ts';
import {
  actionSchema,
  pointerSchema,
  roleSchema,
  routeSchema,
  ruleIdSchema,
  templateSchema,
} from './words.ts';

const captureNameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*$/,
    'a captured field is named by lower-case letters, digits and _, for instance order_id',
  );

const actorsSchema = z
  .strictObject({
    roles: z.array(roleSchema).min(1).optional(),
    claim: z.string().min(1).max(100).optional(),
  })
  .refine((actors) => actors.roles !== undefined || actors.claim !== undefined, {
    message: 'says nothing about the actor; name roles or a claim',
  });

const plainRuleSchema = z.strictObject({
  id: ruleIdSchema,
  on: z.array(routeSchema).min(1),
  while: z.enum(['acting', 'assisted']).default('acting'),
  effect: z.enum(['allow', 'audit', 'confirm', 'block', 'pause']),
  actors: actorsSchema.optional(),
  action: actionSchema.optional(),
  label: z.string().trim().min(1).max(120).optional(),
  amend: z.strictObject({ json: z.record(pointerSchema, templateSchema) }).optional(),
  capture: z.record(captureNameSchema, pointerSchema).optional(),
  background: z.boolean().optional(),
  body: z.union([z.literal('stream'), byteSizeSchema]).optional(),
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

type Contradiction = readonly [key: keyof RuleLine, message: string, hint?: string | undefined];

function contradictions(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const forwards = rule.effect === 'allow' || rule.effect === 'audit';
  if (rule.while === 'acting' && rule.effect === 'pause')
    found.push([
      'effect',
      'pause holds the subject back, not the actor',
      'add "while: assisted", or write block',
    ]);
  if (rule.while === 'assisted' && rule.effect !== 'pause')
    found.push([
      'effect',
      `${rule.effect} is for the acting side`,
      'while assisted, a request is paused or goes on: write pause',
    ]);
  if (rule.amend !== undefined && !forwards)
    found.push(['amend', `a request under ${rule.effect} is not forwarded, so nothing can be amended`]);
  if (rule.capture !== undefined && rule.effect !== 'audit')
    found.push([
      'capture',
      `what is captured goes into the record, and ${rule.effect} writes none of the answer`,
      'write effect: audit',
    ]);
  if (rule.background === true && !forwards)
    found.push(['background', `only allowed and audited requests can be background, not ${rule.effect}`]);
  if (rule.body !== undefined && !forwards)
    found.push(['body', `a request under ${rule.effect} is not forwarded, so its body is never read`]);
  if (rule.body === 'stream' && rule.amend !== undefined)
    found.push(['body', 'a streamed body cannot be amended', 'give a size instead']);
  if (rule.action !== undefined && (rule.effect === 'allow' || rule.effect === 'pause'))
    found.push([
      'action',
      `${rule.effect} writes no audit event, so it has no action`,
      rule.effect === 'allow' ? 'write effect: audit' : undefined,
    ]);
  return found;
}
