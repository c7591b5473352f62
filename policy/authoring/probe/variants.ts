/** Other spellings of a path that some server takes for the very same route, one of each kind. */

export type Variant = {
  /** What was done to the path: `letter case`, `;parameter`. */
  readonly kind: string;
  /** As it stands in the request line. */
  readonly target: string;
};

type Spelling = readonly [kind: string, spell: (path: string) => string | null];

const SPELLINGS: readonly Spelling[] = [
  ['letter case', (path) => changed(path, path.toUpperCase())],
  ['first letter in upper case', (path) => changed(path, path.replaceAll(/\/([a-z])/g, upper))],
  ['slash at the end', (path) => `${path}/`],
  ['two slashes at the start', (path) => `/${path}`],
  ['two slashes inside', (path) => inside(path, (head, last) => `${head}//${last}`)],
  ['dot segment', (path) => inside(path, (head, last) => `${head}/./${last}`)],
  ['climbing dot segment', (path) => inside(path, (head, last) => `${head}/x/../${last}`)],
  ['encoded climbing dot segment', (path) => inside(path, (head, last) => `${head}/x/%2e%2e/${last}`)],
  ['percent-encoded letter', (path) => lastLetter(path, (code) => `%${code}`)],
  ['percent-encoded letter, lower-case hex', (path) => lastLetter(path, (code) => `%${code.toLowerCase()}`)],
  ['doubly encoded letter', (path) => lastLetter(path, (code) => `%25${code}`)],
  ['encoded slash', (path) => inside(path, (head, last) => `${head}%2F${last}`)],
  ['backslash', (path) => inside(path, (head, last) => `${head}\\${last}`)],
  ['encoded backslash', (path) => inside(path, (head, last) => `${head}%5C${last}`)],
  [';parameter at the end', (path) => `${path};a=b`],
  [';parameter inside', (path) => inside(path, (head, last) => `${head};a=b/${last}`)],
  ['suffix .json', (path) => `${path}.json`],
  ['suffix .html', (path) => `${path}.html`],
  ['suffix .php', (path) => `${path}.php`],
  ['dot at the end', (path) => `${path}.`],
  ['blank at the end', (path) => `${path}%20`],
  ['tab at the end', (path) => `${path}%09`],
  ['NUL at the end', (path) => `${path}%00`],
  ['encoded question mark', (path) => `${path}%3Fx=1`],
  ['encoded number sign', (path) => `${path}%23`],
  ['full-width letter', (path) => fullWidth(path)],
  ['underscore for hyphen', (path) => changed(path, path.replaceAll('-', '_'))],
  ['more path behind it', (path) => `${path}/x`],
  ['front controller before it', (path) => `/index.php${path}`],
];

export function variantsOf(path: string): readonly Variant[] {
  const seen = new Set([path]);
  return SPELLINGS.flatMap(([kind, spell]) => {
    const target = spell(path);
    if (target === null || seen.has(target)) return [];
    seen.add(target);
    return [{ kind, target }];
  });
}

function changed(path: string, spelt: string): string | null {
  return spelt === path ? null : spelt;
}

function upper(_: string, letter: string): string {
  return `/${letter.toUpperCase()}`;
}

/** Between the last segment and what stands before it; null for a path of one segment. */
function inside(path: string, join: (head: string, last: string) => string): string | null {
  const at = path.lastIndexOf('/');
  return at < 1 ? null : join(path.slice(0, at), path.slice(at + 1));
}

function lastLetter(path: string, spell: (code: string) => string): string | null {
  const at = path.search(/[a-z][^a-z]*$/);
  if (at === -1) return null;
  const code = path.charCodeAt(at).toString(16).toUpperCase();
  return path.slice(0, at) + spell(code) + path.slice(at + 1);
}

function fullWidth(path: string): string | null {
  const at = path.search(/[a-z][^a-z]*$/);
  if (at === -1) return null;
  const wide = String.fromCodePoint(path.charCodeAt(at) - 0x20 + 0xff00);
  return path.slice(0, at) + encodeURIComponent(wide) + path.slice(at + 1);
}
