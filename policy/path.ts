/** One canonical reading of a request path, and a list of what keeps it from having a single meaning. */

/** Why a path has no single meaning; the words stand in refusals and in the record. */
export type PathFault =
  | 'not_origin_form'
  | 'bad_character'
  | 'bad_percent'
  | 'bad_utf8'
  | 'encoded_slash'
  | 'encoded_backslash'
  | 'encoded_control'
  | 'double_encoding'
  | 'encoded_delimiter'
  | 'dot_segment'
  | 'empty_segment'
  | 'path_parameter'
  /** A segment that ends in a dot or blank, or begins with a blank: some servers trim it. */
  | 'trailing_dot'
  | 'confusable';

export type SettledPath = {
  /** The one spelling that is decided on and forwarded, without query: `/api/orders/caf%C3%A9`. */
  readonly canonical: string;
  /** Decoded segments, `/a/b` → `['a','b']`, `/` → `[]`; a trailing slash is kept as `trailingSlash`. */
  readonly segments: readonly string[];
  readonly trailingSlash: boolean;
  /** The forms that rules which forbid compare with: lower-case, NFKC, without parameters, empty segments or dots. */
  readonly loose: readonly string[];
  /** Empty when the path has exactly one meaning. */
  readonly faults: readonly PathFault[];
};
