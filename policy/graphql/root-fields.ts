/** Finds what a GraphQL document does by parsing it: the type of each operation and every field at its root. */
import {
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql/language';

export type OperationType = 'query' | 'mutation' | 'subscription';
/** A field under the schema's own name for it, whatever alias it stands under. */
export type RootField = { readonly type: OperationType; readonly field: string };

export type RootFields =
  | { readonly ok: true; readonly fields: readonly RootField[] }
  /** Words that finish the sentence "the operations could not be read: …". */
  | { readonly ok: false; readonly why: string };

const MOST_TOKENS = 10_000;
const DEEPEST = 50;
/** How each bracket changes the depth. */
const STEPS: ReadonlyMap<string, 1 | -1> = new Map([
  [TokenKind.PAREN_L, 1],
  [TokenKind.BRACKET_L, 1],
  [TokenKind.BRACE_L, 1],
  [TokenKind.PAREN_R, -1],
  [TokenKind.BRACKET_R, -1],
  [TokenKind.BRACE_R, -1],
]);

/** Of every operation in the document, because which of them runs is for the server to say. */
export function rootFieldsOf(text: string): RootFields {
  if (text.startsWith('\ufeff')) return { ok: false, why: 'the document begins with a byte order mark' };
  const document = parsed(text);
  if (typeof document === 'string') return { ok: false, why: document };
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION)
      return { ok: false, why: 'the document defines types' };
    else if (fragments.has(definition.name.value)) return { ok: false, why: 'two fragments have one name' };
    else fragments.set(definition.name.value, definition);
  }
  if (operations.length === 0) return { ok: false, why: 'the document has no operation' };
  const found: RootField[] = [];
  for (const { operation: type, selectionSet } of operations) {
    const names = new Set<string>();
    if (!collect(selectionSet, fragments, new Set(), names))
      return { ok: false, why: 'a fragment is missing' };
    // Asking for the type's name does nothing, so it matters only where it stands alone.
    if (names.size > 1) names.delete('__typename');
    for (const field of names) found.push({ type, field });
  }
  return { ok: true, fields: found };
}

/** The document, or why there is none. */
function parsed(text: string): DocumentNode | string {
  try {
    return tooMuch(text) ?? parse(text, { noLocation: true });
  } catch {
    return 'the document is not GraphQL';
  }
}

/** Counted before anything is parsed: the parser calls itself for each bracket, and where the stack ends is not for a request to find out. */
function tooMuch(text: string): string | undefined {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens += 1) {
    if (tokens === MOST_TOKENS) return `the document is longer than ${MOST_TOKENS} tokens`;
    depth += STEPS.get(lexer.token.kind) ?? 0;
    if (depth > DEEPEST) return `brackets are nested more than ${DEEPEST} deep`;
  }
  return undefined;
}

function collect(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  entered: Set<string>,
  names: Set<string>,
): boolean {
  return selections.every((selection) => {
    switch (selection.kind) {
      case Kind.FIELD:
        names.add(selection.name.value);
        return true;
      case Kind.INLINE_FRAGMENT:
        return collect(selection.selectionSet, fragments, entered, names);
      case Kind.FRAGMENT_SPREAD: {
        const name = selection.name.value;
        if (entered.has(name)) return true;
        entered.add(name);
        const fragment = fragments.get(name);
        return fragment !== undefined && collect(fragment.selectionSet, fragments, entered, names);
      }
    }
  });
}
