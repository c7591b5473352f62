/** The small shapes that policy.yaml is made of: ids, labels, JSON pointers, roles, time zones. */
import { z } from 'zod';
import { readPattern, readRoute, type Route } from './route-pattern.ts';
import { readTemplate, type Template } from './template.ts';

export const ruleIdSchema = z
  .string()
  .max(80)
  .regex(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    'an id is made of lower-case words joined by -, for instance change-password',
  );

export const actionSchema = z
  .string()
  .max(80)
  .regex(
    /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/,
    'an action is made of lower-case words joined by _, for instance place_order',
  );

export const roleSchema = z.string().min(1).max(100);

/** RFC 6901; the whole document (an empty pointer) cannot be meant here. */
export const pointerSchema = z
  .string()
  .regex(
    /^(?:\/(?:[^~/]|~[01])*)+$/,
    'a JSON pointer starts with / and names a field, for instance /order/id',
  );

export const timezoneSchema = z.string().superRefine((zone, context) => {
  if (!isTimezone(zone))
    context.addIssue({
      code: 'custom',
      message: `"${zone}" is no IANA time zone`,
      params: { hint: 'for instance America/New_York' },
    });
});

/** ISO 4217, for amounts that the record keeps in cents. */
export const currencySchema = z
  .string()
  .refine((code) => /^[A-Z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code), {
    message: 'expected the code of a currency, for instance USD',
  });

export const routeSchema = z.string().transform((text, context): Route => {
  const reading = readRoute(text);
  if (reading.ok) return reading.route;
  context.addIssue({ code: 'custom', message: reading.message, params: { hint: reading.hint } });
  return z.NEVER;
});

/** A path pattern alone, as other files may want one (`page: /users/list`). Stays the text it was. */
export const pathPatternSchema = z.string().superRefine((text, context) => {
  const reading = readPattern(text);
  if (!reading.ok)
    context.addIssue({ code: 'custom', message: reading.message, params: { hint: reading.hint } });
});

export const templateSchema = z
  .string()
  .max(1000)
  .transform((text, context): Template => {
    const reading = readTemplate(text);
    if (reading.ok) return reading.template;
    context.addIssue({ code: 'custom', message: reading.message, params: { hint: reading.hint } });
    return z.NEVER;
  });

function isTimezone(zone: string): boolean {
  // Offsets such as +02:00 are accepted by Intl, but they know no daylight saving, and calendar days depend on it.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
