/** Compiles the JSON Schema of a rule (draft 2020-12) into two questions about a body: surely valid, and possibly valid. */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { compileExact, compileLenient, type Written } from './ajv.ts';
import type { ParsedBody } from './parsed-body.ts';
import { respelling } from './respell.ts';
import { looseNumbers } from './strict-json.ts';
import { pointerSteps } from '../pointer-steps.ts';

export type BodySchema = {
  /** Null where the body is valid to the letter, also to who minds no letter case in names; otherwise what is wrong, without any value of the request. */
  readonly wrong: (body: ParsedBody | null) => string | null;
  /** Also where it could be valid to a lenient reader, or nobody can tell. */
  readonly couldHold: (body: ParsedBody | null) => boolean;
};

/** @throws {Error} for what is no schema; `findSchemaMistakes` says so before. */
export function compileBodySchema(written: Written): BodySchema {
  const exact = compileExact(written);
  const respell = respelling(written);
  let lenient: ValidateFunction | null = null;
  return {
    wrong(body) {
      if (body === null || body.kind === 'none') return 'a body is missing';
      if (body.kind === 'opaque') return 'the body is neither JSON nor a form';
      if (body.kind === 'unreadable') return 'the body cannot be read';
      const value = body.kind === 'json' ? body.value : body.fields;
      for (const reading of [value, respell(value)])
        if (!exact(reading)) return sayWrong(exact.errors?.[0], reading);
      return null;
    },
    couldHold(body) {
      if (body === null || body.kind === 'opaque' || body.kind === 'unreadable') return true;
      if (body.kind === 'none') return false;
      const holds = (lenient ??= compileLenient(written));
      const value = body.kind === 'json' ? body.value : body.fields;
      return [value, respell(value)].some((reading) => holds(looseNumbers(reading)));
    },
  };
}

/** `/items/0/price` and `must be >= 0` as `items/0/price must be >= 0`. */
function sayWrong(error: ErrorObject | undefined, value: unknown): string {
  if (error === undefined) return 'the body is not as the rule says';
  const name = error.instancePath === '' ? 'the body' : error.instancePath.slice(1).slice(0, 100);
  const message = error.message ?? 'is not as the rule says';
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties')
    return `${name} has a field that the rule does not know`;
  if (error.keyword === 'type' && typeof at(value, error.instancePath) === 'symbol')
    return `${name} ${message}, written plainly with at most 15 digits`;
  return `${name} ${message}`;
}

function at(value: unknown, pointer: string): unknown {
  let place = value;
  for (const name of pointerSteps(pointer)) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, name)) return undefined;
    place = Reflect.get(place, name);
  }
  return place;
}
