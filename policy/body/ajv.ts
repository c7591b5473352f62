/** The one way in which JSON Schemas of a policy are compiled: draft 2020-12, strict, formats left to the app. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const STRICT = {
  strict: true,
  strictTypes: true,
  strictRequired: false,
  allowUnionTypes: true,
  ownProperties: true,
  validateFormats: false,
  addUsedSchema: false,
} as const;

export type Written = Readonly<Record<string, unknown>>;

let exact: Ajv2020 | null = null;
let coercing: Ajv2020 | null = null;

/** Building one costs a millisecond, and a policy may hold a thousand schemas. */
export function exactAjv(): Ajv2020 {
  return (exact ??= new Ajv2020(STRICT));
}

function coercingAjv(): Ajv2020 {
  return (coercing ??= new Ajv2020({ ...STRICT, coerceTypes: 'array' }));
}

/** @throws {Error} for what is no schema */
export function compileExact(written: Written): ValidateFunction {
  return compile(exactAjv(), written);
}

/** Takes `"5"` for 5, as lenient apps do. Changes the value it validates. */
export function compileLenient(written: Written): ValidateFunction {
  return compile(coercingAjv(), written);
}

function compile(ajv: Ajv2020, written: Written): ValidateFunction {
  try {
    return ajv.compile(written);
  } finally {
    ajv.removeSchema(written);
  }
}
