/**
 * Settles the raw path of a request target (the part before `?`): one canonical spelling, what it says, and every reason
 * why it might mean something else to someone else. Total: any string has an answer. Settling a canonical path again
 * changes nothing, so what is forwarded is what was decided on. Follows RFC 3986 section 6.2.2.
 */
import type { PathFault, SettledPath } from './path.ts';
import { looseFormsOf, looseFormsOfClean, looseReadings } from './path/loose-forms.ts';
import { readSegment } from './path/read-segment.ts';

/** What is not held against a path, because the app behind us was configured to need it. */
export type AcceptedFaults = {
  readonly faults: ReadonlySet<PathFault>;
  /** Several slashes become one before anything is decided, and go up as one. */
  readonly mergeSlashes: boolean;
};

const NO_FAULTS: readonly PathFault[] = [];
const ACCEPT_NONE: AcceptedFaults = { faults: new Set(), mergeSlashes: false };
/** Nothing to decode and nothing in doubt; nearly every request there is. */
const CLEAN = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@[\]/]*$/;
/** An empty segment, or one that ends in a dot and so perhaps is nothing else. */
const DOUBTFUL = /\/\/|\.(?:\/|$)/;

/** Rules that forbid go on matching every reading of the path, whatever is accepted. */
export function settlePath(pathname: string, accepted: AcceptedFaults = ACCEPT_NONE): SettledPath {
  if (CLEAN.test(pathname) && !DOUBTFUL.test(pathname)) {
    const segments = pathname.slice(1).split('/');
    const trailingSlash = segments.at(-1) === '' && segments.length > 1;
    if (segments.at(-1) === '') segments.pop();
    return {
      canonical: pathname,
      segments,
      trailingSlash,
      loose: looseFormsOfClean(pathname),
      faults: NO_FAULTS,
    };
  }
  if (accepted.mergeSlashes && pathname.includes('//')) {
    return settlePath(pathname.replace(/\/{2,}/g, '/'), { ...accepted, mergeSlashes: false });
  }
  return settleSlowly(pathname, accepted.faults);
}

function settleSlowly(pathname: string, accepted: ReadonlySet<PathFault>): SettledPath {
  const faults = new Set<PathFault>();
  if (!pathname.startsWith('/')) faults.add('not_origin_form');
  const raw = pathname.startsWith('/') ? pathname.slice(1) : pathname;
  const parts = raw.split('/');
  const trailingSlash = parts.at(-1) === '' && parts.length > 1;
  if (parts.at(-1) === '') parts.pop();

  const read = parts.map((part) => {
    const segment = readSegment(part);
    for (const fault of segment.faults) faults.add(fault);
    if (part === '') faults.add('empty_segment');
    return segment;
  });
  const segments = read.map((segment) => segment.decoded);
  const canonical = `/${read.map((segment) => segment.canonical).join('/')}${trailingSlash ? '/' : ''}`;
  let loose: readonly string[] | null = null;
  return {
    canonical,
    segments,
    trailingSlash,
    faults: [...faults].filter((fault) => !accepted.has(fault)),
    // Dear where there are faults, and asked for only where a rule that forbids could apply.
    get loose() {
      loose ??= faults.size === 0 ? looseFormsOf(segments) : looseReadings(pathname);
      return loose;
    },
  };
}
