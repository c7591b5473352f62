/** The piece of HTML that is inserted: one element with a shadow root, one rule for the page, one script. */
import { html } from 'ghtml';
import { actingBanner } from './acting-banner.ts';
import { asciiHtml, asciiJson } from './ascii.ts';
import { assistedNotice } from './assisted-notice.ts';
import type { BrowserFiles } from './browser-files.ts';
import type { Decoration } from './decoration.ts';

export type DecorationContext = {
  /** `https://market.example`, as the browser knows this page's origin. */
  readonly origin: string;
  /** Fresh for every answer, base64, at least 128 bits. */
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly browser: BrowserFiles;
};

/** Height the page leaves for a bar, on wide and narrow screens; the script measures, and says it exactly. */
const ROOM = {
  acting: ['52px', '142px'],
  acting_with_news: ['80px', '190px'],
  assisted: ['60px', '150px'],
} as const;

/** ASCII throughout. Declarative shadow DOM: it needs no script and the page's own style cannot reach into it. */
export function decorationHtml(decorations: readonly Decoration[], context: DecorationContext): string {
  const { nonce, browser, origin } = context;
  const notices = decorations.filter((decoration) => decoration.kind !== 'buttons');
  const bars = notices.map((notice) =>
    notice.kind === 'acting' ? actingBanner(notice, origin) : assistedNotice(notice),
  );
  const shadow = html`<template shadowrootmode="open">!${style(browser.css, nonce)}!${bars}</template>`;
  const frame = html`<act-as-frame lang="en" data-config="${browserConfig(decorations, context)}"
    >!${shadow}</act-as-frame
  >`;
  const room = notices.map((notice) => style(roomRule(roomFor(notice)), nonce));
  const script = html`<script
    type="module"
    async
    nonce="${nonce}"
    src="${origin}${browser.script}"
  ></script>`;
  return asciiHtml(`${frame}${room.join('')}${script}`);
}

/** @param css ours, not a person's */
function style(css: string, nonce: string): string {
  return html`<style nonce="${nonce}">
    !${css}
  </style>`;
}

function roomFor(notice: Exclude<Decoration, { kind: 'buttons' }>): keyof typeof ROOM {
  return notice.kind === 'acting' && notice.news !== null ? 'acting_with_news' : notice.kind;
}

function roomRule(kind: keyof typeof ROOM): string {
  const [wide, narrow] = ROOM[kind].map(
    (height) =>
      `html{margin-top:var(--act-as-room,${height})!important;scroll-padding-top:var(--act-as-room,${height})}`,
  );
  return `${wide}@media (max-width:720px){${narrow}}@media print{html{margin-top:0!important}}${NO_TRANSITION}`;
}

/** The picture of the page before, which has no bar, would lie over this one for as long as the page's style says. */
const NO_TRANSITION = '@view-transition{navigation:none}';

/** What gateway/browser/frame.js reads. */
function browserConfig(decorations: readonly Decoration[], context: DecorationContext): string {
  const byKind = Object.fromEntries(decorations.map((decoration) => [decoration.kind, decoration]));
  return asciiJson({ origin: context.origin, now: context.now, ...byKind });
}
