/** Short words for the JSON Schemas of the description: an object has every property it names and no other. */
import type { Content, Parameter, Response, Schema } from './openapi-types.ts';

export const text: Schema = { type: 'string' };
export const yesNo: Schema = { type: 'boolean' };
export const whole: Schema = { type: 'integer' };
export const instant: Schema = { type: 'string', format: 'date-time' };

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** @param optional properties that may be absent, beside those that are always there. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export function json(schema: Schema): Content {
  return { 'application/json': { schema } };
}

/** A body that a form may send as well. */
export function jsonOrForm(schema: Schema): Content {
  return { ...json(schema), 'application/x-www-form-urlencoded': { schema } };
}

export function answer(description: string, schema: Schema): Response {
  return { description, content: json(schema) };
}

export function page(description: string): Response {
  return { description, content: { 'text/html': { schema: text } } };
}

export function redirect(description: string): Response {
  return { description, headers: { Location: { description: 'Where to.', schema: text } } };
}

/** Refusals by status: a problem for programs, a page for people. */
export function refusals(
  ...statuses: readonly number[]
): Readonly<Record<string, { readonly $ref: string }>> {
  return Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: '#/components/responses/Refusal' }]),
  );
}

/** What any route of ours may answer: it cannot be settled, is not understood, or a store does not answer. */
export const ANY_REFUSAL = refusals(400, 401, 403, 500, 502, 503);

export function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', required: true, description, schema: text };
}

export function inQuery(name: string, description: string, schema: Schema = text): Parameter {
  return { name, in: 'query', required: false, description, schema };
}
