/** A request body as rules see it: read strictly, so that nobody downstream can read something else in it. */

/** Why a body has no single meaning; the words stand in refusals and in the record. */
export type BodyFault =
  | 'content_type' // not exactly `type/subtype`, with UTF-8 and a boundary as its only parameters
  | 'body_bom'
  | 'body_not_utf8'
  | 'body_not_json'
  | 'body_not_form'
  | 'body_duplicate_key'
  | 'body_too_deep'
  | 'body_too_many_fields'
  | 'body_too_large'; // for rules to look into

export type ParsedBody =
  | { readonly kind: 'none' }
  /** Numbers that could be read in more than one way stand as `OddNumber`. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** Fields of a form, by name; those whose name ends in `[]` are lists, files are `{ filename, type, size }`. */
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, unknown>> }
  /** Anything else: no rule can look into it. */
  | { readonly kind: 'opaque'; readonly type: string; readonly bytes: Uint8Array }
  | { readonly kind: 'unreadable'; readonly fault: BodyFault };

export const NO_BODY: ParsedBody = Object.freeze({ kind: 'none' });
