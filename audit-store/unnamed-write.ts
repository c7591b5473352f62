/** A write that no rule named, as people who complete a policy are shown it. */
export type UnnamedWrite = { readonly method: string; readonly path: string; readonly times: number };

/** The policy's own word, in the decision log, for "no rule names this write". */
export const UNNAMED = 'otherwise_writes';
