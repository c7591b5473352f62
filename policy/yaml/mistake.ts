/** One thing wrong in a file that people edit, with the place to put the cursor. */

export type Mistake = {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Where in the document: `rules[3].effect`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  /** What was probably meant, or what is allowed here. */
  readonly hint?: string;
};

/** One line per mistake: `policy.yaml:12:5 rules[3].efect: unknown key — did you mean "effect"?`. */
export function formatMistakes(file: string, mistakes: readonly Mistake[]): string {
  return mistakes.map((mistake) => formatMistake(file, mistake)).join('\n');
}

function formatMistake(file: string, { line, column, path, message, hint }: Mistake): string {
  const where = `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}`;
  return `${where}: ${message}${hint === undefined ? '' : ` — ${hint}`}`;
}

/** Top to bottom, as the author will read them, and each only once. */
export function inFileOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const unique = new Map(mistakes.map((mistake) => [formatMistake('', mistake), mistake]));
  return [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** `['rules', 3, 'effect']` → `rules[3].effect`. */
export function spellPath(path: readonly PropertyKey[]): string {
  let spelt = '';
  for (const step of path) {
    if (typeof step === 'number') spelt += `[${step}]`;
    else if (/^[\w-]+$/.test(String(step))) spelt += `${spelt === '' ? '' : '.'}${String(step)}`;
    else spelt += `[${JSON.stringify(String(step))}]`;
  }
  return spelt;
}
