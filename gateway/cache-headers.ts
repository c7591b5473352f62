/** The header lines by which an app tells caches of every kind, those in front of us too, how long they may keep an answer. */

const FOR_CACHES = new Set(['expires', 'pragma', 'age', 'surrogate-control', 'edge-control']);

/**
 * Targeted ones stand before `Cache-Control` for whom they name, `no-store` or not (RFC 9213): `CDN-Cache-Control`,
 * `Cloudflare-CDN-Cache-Control`, `X-LiteSpeed-Cache-Control`.
 * @param name in lower case
 */
export function isForCaches(name: string): boolean {
  return FOR_CACHES.has(name) || name.endsWith('cache-control');
}
