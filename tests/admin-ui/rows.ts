/** What a page of the log shows, read back out of its HTML. */

/** Sequence numbers of the rows, in the order of the page. */
export function rowsOf(page: string): readonly number[] {
  return [...page.matchAll(/id="event-(\d+)"/g)].map((match) => Number(match[1]));
}

/** The address of the pager's link, or null. */
export function pagerLink(page: string, way: 'prev' | 'next'): string | null {
  const link = new RegExp(`rel="${way}"\\s+href="([^"]+)"`).exec(page)?.[1];
  return link === undefined ? null : unescaped(link);
}

/** The words a person reads, without the markup. */
export function textOf(page: string): string {
  return unescaped(page.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .replace(/ (?=[:.,])/g, '');
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)));
}
