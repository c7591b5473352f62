/** The refusal of a body that has missing or wrong fields: names the first of them. */
import type { z } from 'zod';
import { refusal, type Refusal } from '../refusal.ts';

export function invalidBody(error: z.ZodError): Refusal {
  const [issue] = error.issues;
  const fault = issue?.path.join('.') || 'body';
  return refusal('invalid_request', { detail: `${fault}: ${issue?.message ?? 'wrong'}`, fault });
}
