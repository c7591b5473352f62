/** `person:` in gateway.yaml: where in the app's JSON a person's facts stand. */
import { z } from 'zod';
import { isJsonPointer } from './json-pointer.ts';

export const pointerSchema = z
  .string()
  .refine((text) => text.startsWith('/') && isJsonPointer(text), 'a JSON pointer, such as /user/id');

const always = <T extends z.ZodType>(value: T) => z.strictObject({ always: value });

export const personSchema = z.strictObject({
  id: pointerSchema,
  /** One pointer, or several whose texts are joined by blanks, such as first and last name. */
  name: z.union([pointerSchema, z.array(pointerSchema).min(1).max(4)]),
  email: pointerSchema.optional(),
  /** A text or a list of texts in the answer, or roles that everyone found there has. */
  roles: z.union([pointerSchema, always(z.array(z.string().min(1)).max(32))]).optional(),
  /** The market's id. */
  market: z.union([pointerSchema, always(z.string().min(1))]).optional(),
  /** A boolean in the answer, or a text there that must equal one of these. Absent, everyone is active. */
  active: z
    .union([pointerSchema, z.strictObject({ at: pointerSchema, is: z.array(z.string()).min(1) })])
    .optional(),
  /** A boolean in the answer, or a text there that is one of these: blocked or suspended, whatever else. Absent, nobody is. */
  blocked: z
    .union([pointerSchema, z.strictObject({ at: pointerSchema, is: z.array(z.string()).min(1) })])
    .optional(),
  assigned_to: pointerSchema.optional(),
  /** An object in the answer, or single facts by name. */
  claims: z.union([pointerSchema, z.record(z.string().min(1).max(64), pointerSchema)]).optional(),
});

export type PersonMapping = z.infer<typeof personSchema>;
