/** The page a person sees instead of the market's when the gateway refuses, with the ways on from there. */
import { html } from 'ghtml';
import type { Refusal } from '../refusal.ts';

export type PageFacts = {
  readonly requestId: string;
  /** Whose seat it is or was, where known. */
  readonly subject: string | null;
  /** Path to go back to, where known. */
  readonly returnTo: string | null;
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
      <h1>${refusal.title}</h1>
      <p>${refusal.detail}</p>
      !${waysOn(refusal, facts)}
      <p class="small">${refusal.status} · request <code>${facts.requestId}</code></p>
    </main>
  </body>
</html>
`;
}

function waysOn(refusal: Refusal, facts: PageFacts): string {
  const who = facts.subject ?? 'this person';
  switch (refusal.code) {
    case 'confirm':
      return html`<div class="ways">
        <form method="post" action="/_act-as/stop"><button class="first">Just stop acting as <bdi>${who}</bdi></button></form>
        <form method="post" action="/_act-as/stop"><button name="sign_out" value="true">Sign out entirely</button></form>
        <a href="${facts.returnTo ?? '/'}">Cancel</a>
      </div>`;
    case 'session_ended':
      return html`<div class="ways">
        <form method="post" action="/_act-as/stop"><button class="first">Continue as yourself</button></form>
      </div>`;
    case 'blocked':
      return html`<div class="ways">
        <a class="first" href="/">Back to the market</a>
        <form method="post" action="/_act-as/stop"><button>Stop acting as <bdi>${who}</bdi></button></form>
      </div>`;
    case 'not_signed_in':
      return html`<div class="ways"><a class="first" href="${facts.signInPage}">Sign in</a></div>`;
    default:
      return html`<div class="ways"><a class="first" href="/">Back to the market</a></div>`;
  }
}
