/** Text that survives any ASCII-compatible page encoding, inside HTML and inside JSON. */

/** Writes what is not printable ASCII as numeric character references; what HTML cannot hold becomes U+FFFD. */
export function asciiHtml(html: string): string {
  return html.replace(/[^\n\t\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0xfffd;
    const unfit = code < 0xa0 || (code >= 0xd800 && code <= 0xdfff);
    return `&#x${(unfit ? 0xfffd : code).toString(16)};`;
  });
}

/** JSON in which every character that means something to HTML or to a script's parser is a `\u` escape. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]|[<>&']/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
