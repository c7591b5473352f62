/** The page a person sees instead of the market's when the gateway refuses, with the ways on from there. */
import { html } from 'ghtml';
import type { Refusal, RefusalCode } from '../refusal.ts';
import { endsSignIn } from '../session-ended.ts';

export type PageFacts = {
  readonly requestId: string;
  /** Whose seat it is or was, where known. */
  readonly subject: string | null;
  /** Whether the reader is sitting in it. */
  readonly acting: boolean;
  readonly signInPage: string;
};

/** No script, no frame, nothing from elsewhere: these pages stand on the market's own origin. */
export const PAGE_HEADERS: readonly string[] = [
  'content-type',
  'text/html; charset=utf-8',
  'content-security-policy',
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options',
  'nosniff',
  'x-frame-options',
  'DENY',
  'referrer-policy',
  'same-origin',
];

export function refusalPage(refusal: Refusal, facts: PageFacts): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${refusal.title}</title>
        <link rel="stylesheet" href="/_act-as/pages.css" />
      </head>
      <body>
        <main class="card" data-code="${refusal.code}">
          !${facts.acting ? html`<p class="seat">You are acting as <bdi>${nameOf(facts)}</bdi></p>` : ''}
          <h1>${refusal.title}</h1>
          <p>${refusal.detail}</p>
          <div class="ways">!${waysOn(refusal, facts)}</div>
          <p class="small">${refusal.status} · request <code>${facts.requestId}</code></p>
        </main>
      </body>
    </html> `;
}

/** Where a refusal leaves more than one way on; any other leads back to the market. */
const WAYS: Partial<Record<RefusalCode, (facts: PageFacts, refusal: Refusal) => string>> = {
  confirm: (facts) =>
    html`<form method="post" action="/_act-as/stop">
        <button class="first">Just stop acting as <bdi>${nameOf(facts)}</bdi></button>
      </form>
      <form method="post" action="/_act-as/stop">
        <button name="sign_out" value="true">Sign out entirely</button>
      </form>
      <a href="/">Cancel</a>`,
  session_ended: (_facts, { fault }) =>
    html`<form method="post" action="/_act-as/stop">
      <button class="first">${endsSignIn(fault) ? 'Go to the sign-in page' : 'Continue as yourself'}</button>
    </form>`,
  not_locked: (facts) =>
    html`<form method="post" action="/_act-as/lock">
        <input type="hidden" name="return_to" value="/" />
        <button class="first" name="locked" value="true">Lock the cart</button>
      </form>
      <a href="/">Back to the market</a>!${stopForm(facts)}`,
  blocked: (facts) => html`<a class="first" href="/">Back to the market</a>!${stopForm(facts)}`,
  not_signed_in: (facts) => html`<a class="first" href="${facts.signInPage}">Sign in</a>`,
};

function waysOn(refusal: Refusal, facts: PageFacts): string {
  const ways = WAYS[refusal.code];
  if (ways !== undefined) return ways(facts, refusal);
  const back = html`<a class="first" href="/">Back to the market</a>`;
  return facts.acting ? back + stopForm(facts) : back;
}

function stopForm(facts: PageFacts): string {
  return html`<form method="post" action="/_act-as/stop">
    <button>Stop acting as <bdi>${nameOf(facts)}</bdi></button>
  </form>`;
}

function nameOf(facts: PageFacts): string {
  return facts.subject ?? 'this person';
}
