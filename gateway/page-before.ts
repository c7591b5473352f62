/** The page that a request was made from, as a path on our own origin; null where it does not say, or where it lies elsewhere. */
import { headerOf, type Settled } from './settle/settle.ts';
import type { Parts } from './parts.ts';

export function pageBefore(request: Settled, parts: Pick<Parts, 'publicOrigin'>): string | null {
  const referer = headerOf(request, 'referer');
  if (referer === null || !URL.canParse(referer)) return null;
  const { origin, pathname, search } = new URL(referer);
  if (origin !== parts.publicOrigin(request.host) || pathname.startsWith('//')) return null;
  if (pathname.startsWith('/_act-as') && pathname !== '/_act-as/') return null;
  return (pathname + search).slice(0, 2048);
}
