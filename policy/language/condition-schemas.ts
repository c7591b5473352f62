/** The keys of a rule that narrow it: who, in which market and mode, with which query, headers, body or operations. */
import { z } from 'zod';
import { roleSchema } from './words.ts';

const someone = z.strictObject({
  roles: z.array(roleSchema).min(1).optional(),
  claim: z.string().min(1).max(100).optional(),
});

export const actorsSchema = someone.refine((one) => one.roles !== undefined || one.claim !== undefined, {
  message: 'says nothing about the actor; name roles or a claim',
});

export const subjectsSchema = someone.refine((one) => one.roles !== undefined || one.claim !== undefined, {
  message: 'says nothing about the subject; name roles or a claim',
});

export const marketConditionSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** One text, one of several, or merely whether it is there. */
const wantedSchema = z.union([z.string().max(500), z.array(z.string().max(500)).min(1)]);

export const queryConditionSchema = z
  .record(z.string().min(1).max(100), wantedSchema)
  .refine((names) => Object.keys(names).length > 0, { message: 'names no parameter' });

export const headerConditionSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z0-9-]+$/, 'a header is named in lower case, for instance x-requested-with')
      .max(100),
    wantedSchema,
  )
  .refine((names) => Object.keys(names).length > 0, { message: 'names no header' });

const fieldPatternSchema = z
  .string()
  .regex(
    /^(?:[_A-Za-z]\w*\*?|\*)$/,
    'expected the name of a field such as addItemToOrder, the beginning of one such as add*, or *',
  );
const fieldsSchema = z.array(fieldPatternSchema).min(1).optional();

export const graphqlConditionSchema = z
  .strictObject({
    query: fieldsSchema,
    mutation: fieldsSchema,
    subscription: fieldsSchema,
    persisted: z
      .array(z.string().regex(/^[\w.:-]{1,200}$/, 'expected the hash or id of a persisted query'))
      .min(1)
      .optional(),
  })
  .refine((one) => Object.values(one).some((list) => list !== undefined), {
    message: 'names no field; list some under query, mutation or subscription',
  });

export type Someone = z.output<typeof someone>;
export type Wanted = z.output<typeof wantedSchema>;
export type GraphqlCondition = z.output<typeof graphqlConditionSchema>;
