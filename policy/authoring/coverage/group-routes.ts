/** Makes routes of requests: ids in paths become `:id`, and requests that then are the same are counted together. */
import { readPattern } from '../../language/route-pattern.ts';
import type { SeenRequest } from './seen-request.ts';

export type SeenRoute = {
  readonly method: string;
  /** As a rule would write it: `/api/orders/:id`. */
  readonly pattern: string;
  /** One path as it was seen, or the pattern itself where only that is known. */
  readonly example: string;
  readonly times: number;
  readonly sources: readonly string[];
};

const ID_FORMS = [
  /^\d+$/,
  /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
  /^(?=.*\d)[0-9a-f]{8,}$/i,
  /^[0-9A-HJKMNP-TV-Z]{26}$/,
  // A short word and a number, as in ord_1042, u-17 or SKU-99.
  /^[a-z]{1,8}[-_]\d+$/i,
  // Long and mixed: a token rather than a word.
  /^(?=.*\d)(?=.*[a-z])[\w-]{16,}$/i,
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
];
/** So many different words in one place of otherwise equal paths, after a word in the plural, are names of things. */
const MANY_WORDS = 8;
const PLURAL = /(?:s|people|children|staff)$/i;

export function groupRoutes(seen: readonly SeenRequest[]): readonly SeenRoute[] {
  const shaped = seen.map((one) => ({
    one,
    segments: segmentsOf(one.path).map((segment) => asParameter(segment, one.described)),
  }));
  const generalised = generalise(shaped);
  const routes = new Map<string, { route: SeenRoute; sources: Set<string> }>();
  for (const { one, segments } of generalised) {
    const pattern = `/${named(segments).join('/')}`;
    const key = `${one.method} /${segments.join('/')}`;
    const known = routes.get(key);
    const sources = known?.sources ?? new Set<string>();
    sources.add(one.source);
    const times = (known?.route.times ?? 0) + one.times;
    const example = known?.route.example ?? one.path;
    routes.set(key, { route: { method: one.method, pattern, example, times, sources: [] }, sources });
  }
  return [...routes.values()]
    .map(({ route, sources }) => ({ ...route, sources: [...sources].toSorted() }))
    .toSorted((a, b) =>
      a.pattern === b.pattern ? compare(a.method, b.method) : compare(a.pattern, b.pattern),
    );
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** What no rule can spell out is put down as a parameter, too. */
function asParameter(segment: string, described: boolean): string {
  const text = decoded(segment);
  if (segment.startsWith(':') || (!described && ID_FORMS.some((form) => form.test(text)))) return ':';
  return !text.includes('/') && readPattern(`/${text}`).ok ? text : ':';
}

type Shaped = { readonly one: SeenRequest; readonly segments: readonly string[] };

/** Usernames and slugs look like any word; only their number gives them away. */
function generalise(shaped: readonly Shaped[]): readonly Shaped[] {
  const words = new Map<string, Set<string>>();
  const placesOf = ({ one, segments }: Shaped): readonly string[] =>
    segments.map((_, at) => `${one.method} ${segments.with(at, '?').join('/')}`);
  for (const each of shaped)
    for (const [at, place] of placesOf(each).entries()) {
      const known = words.get(place) ?? new Set();
      known.add(each.segments[at] ?? '');
      words.set(place, known);
    }
  return shaped.map((each) => {
    const places = placesOf(each);
    const segments = each.segments.map((segment, at) =>
      !each.one.described &&
      PLURAL.test(each.segments[at - 1] ?? '') &&
      (words.get(places[at] ?? '')?.size ?? 0) >= MANY_WORDS
        ? ':'
        : segment,
    );
    return { ...each, segments };
  });
}

/** `:id`, and where there are several `:id2`, `:id3`. */
function named(segments: readonly string[]): readonly string[] {
  let count = 0;
  return segments.map((segment) => {
    if (segment !== ':') return segment;
    count += 1;
    return count === 1 ? ':id' : `:id${count}`;
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a !== b);
}
