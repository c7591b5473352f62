/** The frame of the gateway's own working pages: head, top bar, main part. No script: they work as they stand. */
import { html } from 'ghtml';

export type OwnPage = {
  readonly title: string;
  /** Who reads it. */
  readonly person: string;
  /** Name and address of pages nearby. */
  readonly links: readonly (readonly [name: string, href: string])[];
  /** HTML; holds the page's only `<h1>`. */
  readonly body: string;
};

export function ownPage({ title, person, links, body }: OwnPage): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/_act-as/pages.css" />
      </head>
      <body class="desk">
        <a class="skip" href="#main">Skip to the page</a>
        <header class="top">
          <nav aria-label="Pages">!${links.map(([name, href]) => html`<a href="${href}">${name}</a>`)}</nav>
          <p class="reader">Signed in as <bdi>${person}</bdi></p>
        </header>
        <main id="main" tabindex="-1">!${body}</main>
      </body>
    </html> `;
}
