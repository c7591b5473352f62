/** The script and the style sheet that pages get, read once at start and named by their content. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

export type BrowserFile = { readonly contentType: string; readonly body: Buffer };

export type BrowserFiles = {
  /** Below it everything the browser may load lies; `files` are served there, for ever unchanged. */
  readonly folder: string;
  /** Path of the module that pages load; its imports are relative to it. */
  readonly script: string;
  /** Path → file. */
  readonly files: ReadonlyMap<string, BrowserFile>;
  /** Style sheet for the shadow root, ASCII, as it is written into pages. */
  readonly css: string;
};

export const BROWSER_FOLDER = '/_act-as/browser/';

/** @param from folder of the sources */
export function readBrowserFiles(from: URL = new URL('../browser/', import.meta.url)): BrowserFiles {
  const names = readdirSync(from)
    .filter((name) => name.endsWith('.js'))
    .toSorted();
  const modules = names.map((name) => ({ name, body: readFileSync(new URL(name, from)) }));
  const hash = createHash('sha256');
  for (const { name, body } of modules) hash.update(`${name}\0${body.length}\0`).update(body);
  // The version is part of the folder, so that a module's relative imports are of its own version.
  const folder = `${BROWSER_FOLDER}${hash.digest('hex').slice(0, 16)}/`;
  return {
    folder: BROWSER_FOLDER,
    script: `${folder}act-as.js`,
    files: new Map(
      modules.map(({ name, body }) => [
        `${folder}${name}`,
        { contentType: 'text/javascript; charset=utf-8', body },
      ]),
    ),
    css: readFileSync(new URL('act-as.css', from), 'utf8')
      .replace(/\/\*[^]*?\*\//g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  };
}
