/** What must be done with a permitted request: amend it, capture from its answer, keep fields off the record. */
import { z } from 'zod';
import { pointerSchema, templateSchema } from './words.ts';

const formFieldSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/[\p{Cc}&=[\]]/u.test(name), { message: 'expected the name of one form field' });

/** Ours or the connection's to write; an amendment here would change who the request is from or where it ends. */
const NOT_TO_AMEND =
  /^(?:host|cookie|authorization|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|forwarded|x-forwarded-.*|x-real-ip|x-request-id|proxy-.*|keep-alive|range|accept-encoding|if-.*)$/;

const headerNameSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9-]+$/, 'a header is named in lower case, for instance x-placed-by')
  .refine((name) => !NOT_TO_AMEND.test(name), { message: 'this header cannot be amended' });

export const amendSchema = z
  .strictObject({
    json: z.record(pointerSchema, templateSchema).optional(),
    form: z.record(formFieldSchema, templateSchema).optional(),
    header: z.record(headerNameSchema, templateSchema).optional(),
  })
  .refine((amend) => Object.values(amend).some((part) => Object.keys(part ?? {}).length > 0), {
    message: 'amends nothing; name json, form or header',
  });

const captureNameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*$/,
    'a captured field is named by lower-case letters, digits and _, for instance order_id',
  );

const capturedSchema = z.union([
  pointerSchema,
  z.strictObject({ at: pointerSchema, as: z.literal('cents') }),
]);

export const captureSchema = z.record(captureNameSchema, capturedSchema);

export type Captured = z.output<typeof capturedSchema>;

export function pointerOf(captured: Captured): string {
  return typeof captured === 'string' ? captured : captured.at;
}

/** Where a cart's own id stands: in the path, or in the answer. */
export const cartIdSchema = z
  .string()
  .regex(
    /^(?:(?:\/(?:[^~/]|~[01])*)+|:[A-Za-z_]\w*)$/,
    'expected a parameter of the path such as :id, or a JSON pointer into the answer such as /cart/id',
  );

export const redactSchema = z
  .array(
    z
      .string()
      .regex(
        /^(?:(?:\/(?:[^~/]|~[01])*)+|:[A-Za-z_]\w*|[^/:\s][^/]*)$/,
        'expected a JSON pointer such as /card/number, the name of a field, or a parameter of the path such as :token',
      ),
  )
  .min(1);
