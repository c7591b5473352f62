/** What ajv has against a JSON Schema, each with the place in the schema where it stands. */
import { suggestWord } from '../yaml/nearest-word.ts';
import { compileExact, exactAjv, type Written } from './ajv.ts';
import { pointerSteps } from '../pointer-steps.ts';

export type JsonSchemaMistake = {
  readonly path: readonly string[];
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly hint?: string | undefined;
};

export function findSchemaMistakes(written: Written): readonly JsonSchemaMistake[] {
  const ajv = exactAjv();
  if (ajv.validateSchema(written) !== true) {
    const errors = (ajv.errors ?? []).toSorted((a, b) => b.instancePath.length - a.instancePath.length);
    // The deepest place says it best; the others only repeat that something inside is wrong.
    const deepest = errors[0]?.instancePath ?? '';
    const here = errors.filter((error) => error.instancePath === deepest);
    const allowed = here.flatMap(({ params }): unknown[] => params['allowedValues'] ?? []).map(String);
    const value = valueAt(written, pointerSteps(deepest));
    const message = here.find(({ keyword }) => keyword !== 'anyOf')?.message ?? 'is not a JSON Schema';
    const hint = typeof value === 'string' ? suggestWord(value, allowed) : undefined;
    return [{ path: pointerSteps(deepest), at: 'value', message: `in a JSON Schema this ${message}`, hint }];
  }
  try {
    compileExact(written);
    return [];
  } catch (error) {
    return [fromCompiling(error instanceof Error ? error.message : String(error), written)];
  }
}

function fromCompiling(message: string, written: Written): JsonSchemaMistake {
  const unknown = /unknown keyword: "(.*)"/.exec(message)?.[1];
  if (unknown !== undefined) {
    const hint = suggestWord(unknown, Object.keys(exactAjv().RULES.keywords));
    const path = pathOfKey(written, unknown) ?? [];
    return { path, at: 'key', message: 'unknown keyword of JSON Schema', hint };
  }
  const place = /at "[^"#]*#([^"]*)"/.exec(message)?.[1] ?? '';
  const said = message.replace(/^strict mode: /, '').replace(/ at "[^"]*"(?: \(\w+\))?$/, '');
  return { path: pointerSteps(decodeURIComponent(place)), at: 'value', message: said };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((place, step) => entriesOf(place).find(([key]) => key === step)?.[1], value);
}

function pathOfKey(value: unknown, wanted: string): readonly string[] | null {
  for (const [key, inner] of entriesOf(value)) {
    if (key === wanted) return [key];
    const deeper = pathOfKey(inner, wanted);
    if (deeper !== null) return [key, ...deeper];
  }
  return null;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
