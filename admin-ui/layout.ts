/** The frame around every page of ours: head, top bar, main part. */
import { html } from 'ghtml';
import { assetAddress } from './assets.ts';
import type { Section } from './sections.ts';
import { shown } from './shown.ts';

export type Page = {
  readonly title: string;
  /** Who reads the page, shown in the top bar. */
  readonly person?: { readonly name: string; readonly email: string } | null;
  /** Stand beside the name of the product, e.g. `Audit log`. */
  readonly sections?: readonly Section[];
  /** HTML of the main part; holds the page's only `<h1>`. */
  readonly body: string;
};

/** A whole HTML document. */
export function page({ title, person, sections = [], body }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Understudy</title>
        <link rel="icon" href="${assetAddress('understudy.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assetAddress('admin.css')}" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="width">
            <span class="brand"
              ><img src="${assetAddress('understudy.svg')}" alt="" width="24" height="24" /> Understudy</span
            >
            !${sections.length > 0 ? html`<nav class="sections" aria-label="Pages">!${sections.map(link)}</nav>` : ''}
            !${person ? html`<span class="person" title="${person.email}">!${shown(person.name, 40)}</span>` : ''}
          </div>
        </header>
        <main id="main" class="width" tabindex="-1">!${body}</main>
      </body>
    </html> `;
}

function link({ name, href, current }: Section): string {
  return html`<a class="section" href="${href}" !${current ? 'aria-current="page"' : ''}>${name}</a>`;
}
