/** Spells the fields of a body as a schema spells them: readers that do not mind letter case take one for the other. */
import { foldCase } from '../path/confusable.ts';
import type { Written } from './ajv.ts';

/** A value with every field that the schema names, in whichever spelling, in that of the schema; the rest as it is. */
export type Respell = (value: unknown) => unknown;

export function respelling(schema: Written): Respell {
  const spelt = new Map<string, string>();
  for (const name of namesIn(schema)) spelt.set(foldCase(name), name);
  return function respell(value): unknown {
    if (Array.isArray(value)) return value.map(respell);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [spelt.get(foldCase(name)) ?? name, respell(inner)]),
    );
  };
}

/** Of fields, wherever in it: keys of `properties` and what depends on them, and what is `required`. */
function namesIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]: [string, unknown]) => {
    const within = namesIn(inner);
    if (NAMED_BY_KEY.has(key) && typeof inner === 'object' && inner !== null)
      return [...Object.keys(inner), ...within];
    return key === 'required' && Array.isArray(inner)
      ? [...inner.filter((name) => typeof name === 'string'), ...within]
      : within;
  });
}

const NAMED_BY_KEY = new Set(['properties', 'dependentRequired', 'dependentSchemas']);
