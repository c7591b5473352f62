/** Reads a YAML file that people edit: either a value of the wanted shape, or every mistake in it with its line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { inFileOrder, type Mistake, spellPath } from './yaml/mistake.ts';
import { checkSchema, type SchemaMistake } from './yaml/schema-mistakes.ts';

export type Place = { readonly line: number; readonly column: number };

export type CheckedYaml<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Of the value at this path, or of the nearest thing around it that the file has. */
      readonly positionOf: (path: readonly (string | number)[]) => Place;
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** An alias may save typing; it may not make a small file expand into a large one. */
const MOST_ALIASES = 100;

export function readCheckedYaml<T>(text: string, schema: z.ZodType<T>): CheckedYaml<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    uniqueKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
    lineCounter: lines,
    // 'silent' would also drop the error about a second document.
    logLevel: 'error',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };

  const broken = firstOfEachLine([...document.errors, ...document.warnings], placeAt);
  const mistakes: Mistake[] = broken.map((error) => ({
    ...placeAt(error.pos[0]),
    path: '',
    message: plainWords(error),
  }));
  if (text.includes('__proto__')) mistakes.push(...forbiddenKeys(document, placeAt));
  // What follows broken syntax may be read wrongly, so only what stands before it is checked further.
  const sound = Math.min(
    ...broken.filter((error) => error.code !== 'DUPLICATE_KEY').map((error) => error.pos[0]),
    Infinity,
  );

  if (sound === Infinity && isEmpty(document))
    return { ok: false, mistakes: [{ line: 1, column: 1, path: '', message: 'the file is empty' }] };

  const expanded = expand(document);
  if (!expanded.ok)
    return {
      ok: false,
      // What is not valid YAML has been said where it stands.
      mistakes: inFileOrder(
        mistakes.length > 0 ? mistakes : [{ line: 1, column: 1, path: '', message: expanded.message }],
      ),
    };

  const offsetOf = (path: readonly PropertyKey[], at: SchemaMistake['at']) => findOffset(document, path, at);
  const checked = checkSchema(expanded.value, schema);
  if (!checked.ok) {
    for (const { path, at, message, hint } of checked.mistakes) {
      const offset = offsetOf(path, at);
      if (offset >= sound || (at === 'missing' && sound !== Infinity)) continue;
      const mistake = { ...placeAt(offset), path: spellPath(path), message };
      mistakes.push(hint === undefined ? mistake : { ...mistake, hint });
    }
  }
  if (!checked.ok || mistakes.length > 0) return { ok: false, mistakes: inFileOrder(mistakes) };
  return { ok: true, value: checked.value, positionOf: (path) => placeAt(offsetOf(path, 'value')) };
}

/** What follows a syntax error on its line mostly follows from it. */
function firstOfEachLine<T extends { readonly code: string; readonly pos: readonly [number, number] }>(
  errors: readonly T[],
  placeAt: (offset: number) => Place,
): readonly T[] {
  const lines = new Set<number>();
  return errors
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .filter(({ code, pos }) => {
      if (code === 'DUPLICATE_KEY') return true;
      const { line } = placeAt(pos[0]);
      return !lines.has(line) && lines.add(line);
    });
}

function isEmpty(document: Document.Parsed): boolean {
  return document.contents === null || (isScalar(document.contents) && document.contents.value === null);
}

function expand(document: Document.Parsed): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { ok: true, value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** `__proto__` has no honest use in a configuration, and several parsers would lose it silently. */
function forbiddenKeys(document: Document.Parsed, placeAt: (offset: number) => Place): Mistake[] {
  const found: Mistake[] = [];
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === '__proto__')
        found.push({
          ...placeAt(startOf(pair.key) ?? 0),
          path: '',
          message: 'the key "__proto__" cannot be used',
        });
    },
  });
  return found;
}

function plainWords(error: { readonly code: string; readonly message: string }): string {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return 'this key stands here twice';
    case 'MULTIPLE_DOCS':
      return 'only one document may stand in the file (remove the "---" line)';
    case 'BAD_ALIAS':
      return 'a text that begins with * must stand in quotes (and ANY stands for every method)';
    case 'TAB_AS_INDENT':
      return 'tabs cannot indent; use spaces';
    default:
      return `not valid YAML: ${error.message}`;
  }
}

function findOffset(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  at: SchemaMistake['at'],
): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const inner = innerOf(node, step);
    if (inner === null) break;
    const last = index === path.length - 1;
    offset =
      (last && at === 'key' ? startOf(inner.key) : (startOf(inner.value) ?? startOf(inner.key))) ?? offset;
    node = inner.value;
  }
  return offset;
}

function innerOf(
  node: unknown,
  step: PropertyKey,
): { readonly key: unknown; readonly value: unknown } | null {
  if (isSeq(node)) {
    const value: unknown = node.items[Number(step)];
    return value === undefined ? null : { key: null, value };
  }
  if (!isMap(node)) return null;
  const pair = node.items.findLast(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function startOf(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null;
}
