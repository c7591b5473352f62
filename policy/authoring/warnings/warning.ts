/** What a sound policy may still say by mistake: something an author should look at, with the place to put the cursor. */

/** Tests and `--accept` name these; the sentences are free to improve. */
export const WARNING_CODES = [
  'never_decides', // a stricter rule takes every request that this route names
  'pointless', // a wider rule of the same effect says all that this one says
  'cannot_hold', // a condition that no request and no actor of this policy fulfils
  'can_be_avoided', // something forbidden only with a header that the client chooses
  'pauses_reads', // a pause on methods that change nothing
  'open_ended', // a permit that ends in ** and so permits what is not built yet
  'any_method', // a permit of every method
  'lifts_block', // a permit that takes a method out of a block of its path
  'many_in_one', // one route through which the app does many things, permitted as a whole
  'writes_allowed', // otherwise: writes: allow
  'begins_blocked', // sessions begin on a page that a rule blocks
  'locks_nothing', // pause: on_lock, and no rule pauses anything
  'pauses_no_cart', // ids of carts are looked for, and no rule pauses by them
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** A finding before it has its place: `path` leads to the value in the document. */
export type Finding = {
  readonly code: WarningCode;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
};

export type Warning = {
  readonly code: WarningCode;
  /** 1-based, as is the column. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
};

/** Two lines each: the place and what was seen, then what to do, indented. */
export function formatWarnings(file: string, warnings: readonly Warning[]): string {
  return warnings
    .map(
      ({ line, column, code, message, hint }) =>
        `${file}:${line}:${column}: warning (${code}): ${message}\n    ${hint}`,
    )
    .join('\n');
}
