/** The key `body:` of a rule: a JSON Schema, and where exactly in it a mistake stands. */
import { z } from 'zod';
import { findSchemaMistakes } from '../body/schema-mistakes.ts';

const MEANT_A_SIZE = /^(?:stream|\d+(?:\.\d+)?\s*[kMG]?i?B?)$/;

export const bodyConditionSchema = z
  .unknown()
  .superRefine((written, context) => {
    if (isMapping(written)) {
      for (const { path, at, message, hint } of findSchemaMistakes(written))
        context.addIssue({ code: 'custom', path: [...path], message, params: { at, hint } });
      return;
    }
    const hint =
      typeof written === 'number' || (typeof written === 'string' && MEANT_A_SIZE.test(written))
        ? 'how much of a body is read is body_limit'
        : undefined;
    context.addIssue({ code: 'custom', message: 'expected a JSON Schema (a mapping)', params: { hint } });
  })
  .transform((written): Readonly<Record<string, unknown>> => (isMapping(written) ? written : {}))
  .optional();

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
