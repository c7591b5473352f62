/** Knows the names by which a request asks to be read as another method, in every spelling some stack folds to them. */

const HEADER = /^(?:http-)?x-(?:http-method(?:-override)?|method-override)$/;
/** What a header is called to a stack that sees `_`, `.` and `-` as one. */
const NOT_A_WORD = /[^a-z0-9]+/g;

export function isOverrideHeader(lowerCaseName: string): boolean {
  return lowerCaseName.includes('method') && HEADER.test(lowerCaseName.replace(NOT_A_WORD, '-'));
}

/**
 * Of a field in a query, a form or a JSON object, decoded. PHP reads `.method` and `[method` as `_method`, drops leading
 * blanks and keeps `_method[0]`; others do not mind case, or end at NUL; some take the header's name as a field; who
 * reads with URLSearchParams drops a question mark at the front.
 */
export function isOverrideField(name: string): boolean {
  if (!/method/i.test(name)) return false;
  const plain = name
    .replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)?\?*/, '')
    .replace(/\0[^]*$/, '')
    .trim()
    .toLowerCase();
  const whole = plain.replace(/(?<=.)\[[^]*$/, '').trimEnd();
  return /^[_.[]method$/.test(whole) || HEADER.test(whole.replace(NOT_A_WORD, '-'));
}
