/** A request that somebody saw or wrote down: in the decision log, in a recording of a browser, in a description of an API. */

export type SeenRequest = {
  /** Upper-case. */
  readonly method: string;
  /** `/api/orders/17`, or with its parameters named: `/api/orders/:id`. */
  readonly path: string;
  /** Whether the path says itself which of its segments are parameters; then nothing has to be guessed. */
  readonly described: boolean;
  readonly times: number;
  /** Where it was seen, in words for the report: the file's name. */
  readonly source: string;
};

export type SeenReading =
  | { readonly ok: true; readonly seen: readonly SeenRequest[]; readonly leftOut: string | null }
  | { readonly ok: false; readonly message: string };
