/** `directory:` in gateway.yaml: the app's own customer routes and where a customer's facts stand in their answers. */
import { z } from 'zod';
import {
  cookieChoiceSchema,
  fixedHeadersSchema,
  personSchema,
  pointerSchema,
  questionTimeout,
  upstreamPath,
} from '../identity/index.ts';

/** A path with exactly these placeholders, none of them twice. */
function template(...names: readonly string[]) {
  return z
    .string()
    .refine((text) => upstreamPath.safeParse(text.replaceAll(/[{}]/g, '')).success, 'a path on the upstream')
    .refine(
      (text) => {
        const found = text.match(/\{[^{}]*\}/g) ?? [];
        const known = names.map((name) => `{${name}}`);
        const unbalanced = /[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''));
        return (
          !unbalanced && found.length === new Set(found).size && found.every((name) => known.includes(name))
        );
      },
      `only ${names.map((name) => `{${name}}`).join(' and ')} can stand in braces, each once`,
    )
    .refine((text) => text.includes(`{${names[0]}}`), `needs {${names[0]}}`);
}

export const directorySchema = z.strictObject({
  search: template('q', 'limit'),
  fetch: template('id'),
  /** Where the list stands in the answer to a search; absent, the answer is the list. */
  list: pointerSchema.optional(),
  /** Where the customer stands in the answer to a fetch; absent, the answer is the customer. */
  one: pointerSchema.optional(),
  /** What of the actor's own credential goes along. */
  cookies: cookieChoiceSchema.default('all'),
  authorization: z.boolean().default(true),
  headers: fixedHeadersSchema,
  timeout: questionTimeout,
  /** Where a customer's facts stand, seen from the customer. */
  person: personSchema,
});

export type DirectoryConfig = z.infer<typeof directorySchema>;
