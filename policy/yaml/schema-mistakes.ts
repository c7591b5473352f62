/** Turns what a zod schema has against a value into mistakes that its author understands, every one of them. */
import { z } from 'zod';
import { spellPath } from './mistake.ts';
import { nearestWord, suggestWord } from './nearest-word.ts';

export type SchemaMistake = {
  readonly path: readonly PropertyKey[];
  /** Whether the key itself is wrong, its value is, or it is not there. */
  readonly at: 'key' | 'value' | 'missing';
  readonly message: string;
  readonly hint?: string;
};

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly SchemaMistake[] };

type KeysAllowed = WeakMap<readonly string[], readonly string[]>;
type Issue = z.core.$ZodIssue;

export function checkSchema<T>(input: unknown, schema: z.ZodType<T>): Checked<T> {
  // zod's finished issues no longer know their schema; the error map still sees it, which is where the allowed keys are.
  const keysAllowed: KeysAllowed = new WeakMap();
  const checked = schema.safeParse(input, {
    reportInput: true,
    error: (issue) => {
      if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject)
        keysAllowed.set(issue.keys, Object.keys(issue.inst.shape));
      return undefined;
    },
  });
  if (checked.success) return { ok: true, value: checked.data };
  const mistakes = checked.error.issues.flatMap((issue) => explain(issue, [], keysAllowed));
  return { ok: false, mistakes: mistakes.filter((one) => !isTheMisspeltOne(one, mistakes)) };
}

/** A missing key that stands right there, misspelt, is one mistake and not two. */
function isTheMisspeltOne(missing: SchemaMistake, mistakes: readonly SchemaMistake[]): boolean {
  if (missing.at !== 'missing') return false;
  const parent = spellPath(missing.path.slice(0, -1));
  const said = `did you mean "${String(missing.path.at(-1))}"?`;
  return mistakes.some(
    (one) => one.at === 'key' && one.hint === said && spellPath(one.path.slice(0, -1)) === parent,
  );
}

function explain(issue: Issue, above: readonly PropertyKey[], keysAllowed: KeysAllowed): SchemaMistake[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = keysAllowed.get(issue.keys) ?? [];
      return issue.keys.map((key) =>
        mistake([...path, key], 'key', 'unknown key', suggestWord(key, allowed)),
      );
    }
    case 'invalid_type':
      if (issue.input === undefined) return [mistake(path, 'missing', 'this key is missing')];
      return [mistake(path, 'value', `expected ${nameOfType(issue.expected)}, not ${describe(issue.input)}`)];
    case 'invalid_value': {
      if (issue.input === undefined) return [mistake(path, 'missing', 'this key is missing')];
      const allowed = issue.values.map(String);
      const message = `${describe(issue.input)} is not ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`;
      const near = typeof issue.input === 'string' ? nearestWord(issue.input, allowed) : null;
      return [mistake(path, 'value', message, near === null ? undefined : `did you mean "${near}"?`)];
    }
    case 'invalid_union':
      return explainUnion(issue, path, keysAllowed);
    case 'invalid_key':
      return [mistake(path, 'key', issue.issues[0]?.message ?? 'this key cannot stand here')];
    case 'too_small':
    case 'too_big':
      return [mistake(path, 'value', sayBounds(issue))];
    case 'custom':
      return [
        mistake(
          path,
          paramText(issue, 'at') === 'key' ? 'key' : 'value',
          issue.message,
          paramText(issue, 'hint'),
        ),
      ];
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
      break;
  }
  return [mistake(path, 'value', issue.message)];
}

/** Only the mistakes of the form that was meant: the one that at least agrees on what kind of value it is. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: readonly PropertyKey[],
  keysAllowed: KeysAllowed,
): SchemaMistake[] {
  const tag = 'discriminator' in issue ? issue.discriminator : undefined;
  const input = tag === undefined ? issue.input : fieldOf(issue.input, tag);
  if (input === undefined) return [mistake(path, 'missing', 'this key is missing')];
  const meant = issue.errors
    .filter((errors) => !errors.some(wrongKind))
    .toSorted((a, b) => a.length - b.length)[0];
  if (meant !== undefined) return meant.flatMap((one) => explain(one, path, keysAllowed));
  const forms = new Set(issue.errors.flat().filter(wrongKind).map(nameOfForm));
  if ('options' in issue && issue.options !== undefined)
    for (const option of issue.options) forms.add(`"${String(option)}"`);
  const message = `expected ${[...forms].join(' or ')}, not ${describe(input)}`;
  const words = [...forms].filter((form) => form.startsWith('"')).map((form) => form.slice(1, -1));
  const near = typeof input === 'string' ? nearestWord(input, words) : null;
  return [mistake(path, 'value', message, near === null ? undefined : `did you mean "${near}"?`)];
}

function wrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function nameOfForm(issue: Issue): string {
  if (issue.code === 'invalid_type') return nameOfType(issue.expected);
  if (issue.code === 'invalid_value') return issue.values.map((value) => `"${String(value)}"`).join(' or ');
  return issue.message;
}

function nameOfType(expected: string): string {
  switch (expected) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'int':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
    case 'record':
      return 'a mapping (key: value)';
    case 'null':
      return 'nothing';
    default:
      return expected;
  }
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping (key: value)';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function sayBounds(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const big = issue.code === 'too_big';
  const limit = String(big ? issue.maximum : issue.minimum);
  if (issue.origin === 'string')
    return !big && limit === '1'
      ? 'must not be empty'
      : `must be ${big ? 'at most' : 'at least'} ${limit} characters long`;
  if (issue.origin === 'array')
    return !big && limit === '1'
      ? 'needs at least one entry'
      : `must have ${big ? 'at most' : 'at least'} ${limit} entries`;
  return `must be ${big ? 'at most' : 'at least'} ${limit}`;
}

function paramText(issue: z.core.$ZodIssueCustom, name: string): string | undefined {
  const value: unknown = issue.params?.[name];
  return typeof value === 'string' ? value : undefined;
}

function mistake(
  path: readonly PropertyKey[],
  at: SchemaMistake['at'],
  message: string,
  hint?: string,
): SchemaMistake {
  return hint === undefined ? { path, at, message } : { path, at, message, hint };
}
