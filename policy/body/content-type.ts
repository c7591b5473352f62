/** Reads `Content-Type` so that nobody downstream can read another type out of it: `type/subtype`, UTF-8, one boundary. */

export type ContentType = {
  /** Lower-case `type/subtype`; empty where none is given. */
  readonly type: string;
  readonly boundary: string | null;
};

const WHOLE =
  /^(?<type>[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)(?:[ \t]*;[ \t]*(?:charset="?(?<charset>[a-z0-9-]+)"?|boundary="?(?<boundary>[a-z0-9'()+_,./:=?-]{1,70})"?))?$/i;

/** Null where it says more, or says it in more than one way. */
export function readContentType(header: string | null): ContentType | null {
  if (header === null) return { type: '', boundary: null };
  const parts = WHOLE.exec(header)?.groups;
  if (parts?.['type'] === undefined) return null;
  const charset = parts['charset'];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) return null;
  return { type: parts['type'].toLowerCase(), boundary: parts['boundary'] ?? null };
}

export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}
