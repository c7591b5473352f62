/** Tells requests for a page of its own from those for a fragment, a frame or data. */

/**
 * Only what a browser shows as a top-level page is decorated: a banner inside an iframe, or inside a fragment that a
 * script fetches and pastes into its page, would stand there twice.
 *
 * @param header value of a request header by lower-case name; undefined when absent
 */
export function isPageRequest(header: (name: string) => string | undefined): boolean {
  const destination = header('sec-fetch-dest');
  if (destination !== undefined) return destination.trim().toLowerCase() === 'document';
  if (header('x-requested-with') !== undefined || header('hx-request') !== undefined) return false;
  return /\btext\/html\b/i.test(header('accept') ?? '');
}
