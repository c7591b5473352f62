/** The way to older and newer pages; pages begin at fixed sequence numbers, so rows added meanwhile shift nothing. HTML. */
import { html } from 'ghtml';
import { auditAddress } from './address.ts';
import type { ReadFilters } from './filters.ts';

type ShownPage = Pick<ReadFilters & { ok: true }, 'form' | 'page' | 'newer'>;

export function pager({ form, page, newer }: ShownPage, next: number | null): string {
  const { beforeSeq } = page;
  if (beforeSeq === undefined && next === null) return '';
  const at = (cursor: number | undefined, trail: readonly number[]): string =>
    auditAddress('', form, { cursor: cursor === undefined ? '' : String(cursor), newer: trail.join('-') });
  const trail = beforeSeq === undefined ? newer : [...newer, beforeSeq];
  return html`<nav class="pager" aria-label="Pages of the log">
    !${beforeSeq === undefined ? html`<span class="quiet">Newest page</span>` : html`<a class="button" rel="prev" href="${at(newer.at(-1), newer.slice(0, -1))}">← Newer</a> <a href="${auditAddress('', form)}">Newest</a>`}
    !${next === null ? html`<span class="quiet">That is the oldest page</span>` : html`<a class="button" rel="next" href="${at(next, trail)}">Older →</a>`}
  </nav>`;
}
