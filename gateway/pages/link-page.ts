/** What an act-as link shows before anything begins: whose seat, why, made by whom, for how long; and one button. */
import { html } from 'ghtml';
import type { Terms } from '../../policy/index.ts';
import type { ActAsLink } from '../links/link.ts';
import { momentWords } from '../moment-words.ts';

export type LinkPage = {
  /** Who reads it. */
  readonly actor: string;
  readonly link: Pick<ActAsLink, 'subject' | 'market' | 'reason' | 'createdBy' | 'expiresAt'>;
  readonly terms: Pick<Terms, 'idleTimeoutMs' | 'absoluteTimeoutMs'>;
  readonly timezone: string;
};

export function linkPage({ actor, link, terms, timezone }: LinkPage): string {
  const { subject, market, reason, createdBy } = link;
  return card(
    `Act as ${subject.name}?`,
    html`<h1>Act as <bdi>${subject.name}</bdi>?</h1>
      <dl>
        <dt>Customer</dt>
        <dd>
          <bdi>${subject.name}</bdi>,
          <bdi>${subject.email}</bdi>!${market === null ? '' : html`, ${market.name}`}
        </dd>
        <dt>Reason</dt>
        <dd><bdi>${reason ?? 'none given'}</bdi></dd>
        <dt>Link made by</dt>
        <dd><bdi>${createdBy.name}</bdi></dd>
        <dt>The session lasts</dt>
        <dd>
          at most ${minutes(terms.absoluteTimeoutMs)}, and no longer than ${minutes(terms.idleTimeoutMs)}
          without doing anything
        </dd>
      </dl>
      <p>
        You are <bdi>${actor}</bdi>. What you do in this seat is recorded under your name. The link works
        once, until ${momentWords(link.expiresAt, timezone)}.
      </p>
      <div class="ways">
        <form method="post">
          <button class="first">Act as <bdi>${subject.name}</bdi></button>
        </form>
        <a href="/">Cancel</a>
      </div>`,
  );
}

/** The address is told to nobody, the app's sign-in page included; so that page opens beside this one, which then goes on. */
export function signInFirstPage(signInPage: string): string {
  return card(
    'Sign in first',
    html`<h1>Sign in first</h1>
      <p>
        This link is for one member of staff. Sign in as yourself on the page that opens, then come back to
        this one and continue.
      </p>
      <div class="ways">
        <a class="first" href="${signInPage}" target="_blank" rel="noopener noreferrer">Sign in</a>
        <a href="">I have signed in: continue</a>
      </div>`,
  );
}

function card(title: string, body: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/_act-as/pages.css" />
      </head>
      <body>
        <main class="card">!${body}</main>
      </body>
    </html> `;
}

function minutes(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} seconds`;
  const count = Math.round(ms / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}
