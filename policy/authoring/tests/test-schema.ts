/** One entry of `tests:` in policy.yaml: a question to the policy, and the answer its author expects. */
import { z } from 'zod';
import type { ActRefusal, DecisionReason } from '../../decision.ts';
import { roleSchema, ruleIdSchema } from '../../language/words.ts';

const rolesSchema = z.union([roleSchema, z.array(roleSchema).min(1)]).transform((roles) => [roles].flat());

const REASONS = [
  'rule',
  'missed',
  'unread_operations',
  'otherwise_reads',
  'otherwise_writes',
  'view_mode',
  'not_paused',
  'not_locked',
] as const satisfies readonly DecisionReason[];

const REFUSALS = [
  'actor_not_permitted',
  'actor_inactive',
  'actor_blocked',
  'self',
  'subject_protected',
  'subject_role',
  'subject_inactive',
  'subject_blocked',
  'other_market',
  'not_assigned',
] as const satisfies readonly ActRefusal[];

const plainTestSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  /** Roles of the actor, one or a list. */
  as: rolesSchema,
  /** Roles of the subject. */
  for: rolesSchema.optional(),
  claims: z.record(z.string().min(1).max(100), z.unknown()).optional(),

  send: z
    .string()
    .regex(/^[A-Za-z]+ +\/\S*$/, 'write METHOD /path, for instance PUT /api/password')
    .optional(),
  /** Id of the market in which both are; left out, one that no rule names. */
  in: z.string().min(1).optional(),
  while: z.enum(['acting', 'assisted']).optional(),
  mode: z.enum(['full', 'view']).optional(),
  /** false: before the actor has locked the cart. */
  locked: z.boolean().optional(),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string()).optional(),
  body: z.unknown().optional(),
  expect: z.enum(['allow', 'audit', 'confirm', 'block', 'pause', 'refused']).optional(),
  rule: ruleIdSchema.optional(),
  /** Who may send messages over a WebSocket that this opens; none: it opens none. */
  websocket: z.enum(['from_app', 'both', 'none']).optional(),

  may_act: z.enum(['yes', 'no']).optional(),
  market: z.enum(['same', 'other']).optional(),
  assigned: z.boolean().optional(),
  inactive: z.enum(['actor', 'subject']).optional(),
  blocked: z.enum(['actor', 'subject']).optional(),
  reason: z.enum([...REASONS, ...REFUSALS]).optional(),

  reviews: z.enum(['own_market', 'every_market', 'nothing']).optional(),
});

export type PolicyTest = z.output<typeof plainTestSchema>;

export const testSchema = plainTestSchema.superRefine(
  (test, context) => {
    for (const [key, message, hint] of contradictions(test))
      context.addIssue({ code: 'custom', path: [key], message, input: test, params: { hint } });
  },
  // Also when something else in the test is wrong: only whether a key is there matters.
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

type Key = keyof PolicyTest;
type Contradiction = readonly [key: Key | 'name', message: string, hint?: string];

const OF_REQUESTS: readonly Key[] = [
  'in',
  'while',
  'locked',
  'query',
  'headers',
  'body',
  'expect',
  'rule',
  'websocket',
];
const OF_PEOPLE: readonly Key[] = ['market', 'assigned', 'inactive', 'blocked'];

function contradictions(test: PolicyTest): readonly Contradiction[] {
  const asked = (['send', 'may_act', 'reviews'] as const).filter((key) => test[key] !== undefined);
  const [kind] = asked;
  if (kind === undefined)
    return [
      [
        'name',
        'this test asks nothing',
        'add send: METHOD /path with expect:, or may_act: yes|no, or reviews: own_market',
      ],
    ];
  if (asked.length > 1)
    return [
      [asked[1] ?? kind, `a test asks one thing, and this one has "${kind}" already`, 'make it two tests'],
    ];
  const found: Contradiction[] = [];
  const out = (keys: readonly Key[], of: string) => {
    for (const key of keys)
      if (test[key] !== undefined) found.push([key, `"${key}" belongs to a test with "${of}"`]);
  };
  if (kind === 'send') {
    out(OF_PEOPLE, 'may_act');
    if (test.for === undefined) found.push(['name', 'whose seat is the request sent in?', 'add for: a role']);
    if (test.expect === undefined)
      found.push(['send', 'what is expected of this request?', 'add expect: block, audit, …']);
    if (test.expect === 'refused' && test.rule !== undefined)
      found.push(['rule', 'what has no single meaning is refused before any rule is asked', 'leave it out']);
    if (test.reason !== undefined && !REASONS.some((reason) => reason === test.reason))
      found.push([
        'reason',
        `a decision never has the reason ${test.reason}`,
        `one of ${REASONS.join(', ')}`,
      ]);
  } else {
    out(OF_REQUESTS, 'send');
    if (kind === 'reviews') out([...OF_PEOPLE, 'mode', 'for', 'reason'], 'may_act');
    if (kind === 'may_act') {
      if (test.for === undefined) found.push(['may_act', 'act for whom?', 'add for: a role']);
      if (test.may_act === 'yes' && test.reason !== undefined)
        found.push(['reason', 'only a no has a reason', 'leave it out, or write may_act: no']);
      if (test.may_act === 'no' && test.mode !== undefined)
        found.push(['mode', 'who may not act has no mode', 'leave it out']);
      if (test.reason !== undefined && !REFUSALS.some((reason) => reason === test.reason))
        found.push(['reason', `nobody is turned away for ${test.reason}`, `one of ${REFUSALS.join(', ')}`]);
    }
  }
  return found;
}
