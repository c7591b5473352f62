/** Matches addresses against the path patterns of the policy: `:name`, `*` within a segment, `**` for any number. */
import { plainDocument } from './plain-document.js';

/** @returns {(path: string) => boolean} loosely: letter case and a trailing slash make no difference */
export function pathMatcher(/** @type {string} */ pattern) {
  const source = pattern
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      if (segment === '**') return '(?:/.*)?';
      if (segment.startsWith(':')) return '/[^/]+';
      return `/${segment.split('*').map(escape).join('[^/]*')}`;
    })
    .join('');
  const matcher = new RegExp(`^${source}/?$`, 'i');
  return (path) => matcher.test(decode(path));
}

/**
 * @param {{ methods: string[], pattern: string }[]} routes
 * @param {string} origin
 * @returns {(method: string, url: string) => boolean}
 */
export function routeMatcher(routes, origin) {
  const compiled = routes.map(({ methods, pattern }) => ({ methods, matches: pathMatcher(pattern) }));
  return (method, url) => {
    if (!URL.canParse(url, plainDocument.baseURI)) return false;
    const target = new URL(url, plainDocument.baseURI);
    if (target.origin !== origin) return false;
    return compiled.some(
      ({ methods, matches }) =>
        (methods.length === 0 || methods.includes('*') || methods.includes(method)) &&
        matches(target.pathname),
    );
  };
}

function escape(/** @type {string} */ text) {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function decode(/** @type {string} */ path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
