/**
 * The rules of a policy, filed so that those which name a request are found at once: rules that forbid by every loose
 * reading of the path, rules that permit by its one exact spelling. Conditions are asked of those alone.
 */
import { foldText } from '../path/confusable.ts';
import { segmentsOfForm } from '../path/loose-forms.ts';
import type { SettledPath } from '../path.ts';
import { buildRouteIndex, type RouteIndex } from './route-index.ts';
import { cartIn } from './cart-id.ts';
import { DEFAULT_BODY_BYTES, type Rule, type RuleRoute, routesOf } from './rule.ts';
import { covers } from './specificity.ts';

export type Hit = RuleRoute & {
  /** `named`: the rule names this method. `same_path`: it blocks another method of this path, and so this one too. */
  readonly by: 'named' | 'same_path';
};

export type RuleBook = {
  /** @param writes whether the request can change something, which its method alone does not always tell */
  readonly forbidding: (method: string, path: SettledPath, writes: boolean) => readonly Hit[];
  readonly permitting: (method: string, path: SettledPath) => readonly Hit[];
  readonly pausing: (method: string, path: SettledPath) => readonly Hit[];
  /** Ids of carts that a request of this method and path names, by whatever reading, where a rule pauses them. */
  readonly cartsIn: (method: string, path: SettledPath) => readonly string[];
  /** How much of a body must be read before anything is decided; null where no rule looks into it. */
  readonly bodyToRead: (side: Rule['side'], method: string, path: SettledPath) => number | null;
  /** A rule about operations that names this path, whatever its method; null where this side speaks no GraphQL. */
  readonly graphqlRule: (side: Rule['side'], path: SettledPath) => Rule | null;
};

const NONE: readonly never[] = [];

export function buildRuleBook(rules: readonly Rule[]): RuleBook {
  const acting = rules.filter((rule) => rule.side === 'acting');
  const assisted = rules.filter((rule) => rule.side === 'assisted');
  const forbids = file(acting.filter(forbidsSomething), foldText);
  const permits = file(
    acting.filter((rule) => !forbidsSomething(rule)),
    (literal) => literal,
  );
  const pauses = file(assisted, foldText);
  const pausable = methodsOf(assisted);
  const carts = assisted.some((rule) => rule.cartParameter !== null);
  const looking = rules.filter(looksIntoBodies);
  const looks = looking.length === 0 ? null : file(looking, foldText);
  const asking = rules.filter((rule) => (rule.conditions?.graphql ?? null) !== null);
  const asks = asking.length === 0 ? null : file(asking, foldText);

  return {
    forbidding: (method, path, writes) => hitsOf(matchLoosely(forbids, path), method, writes),
    permitting: (method, path) => {
      // What has no single meaning has no exact one, and patterns are written without a trailing slash.
      if (path.faults.length > 0 || path.trailingSlash) return NONE;
      return hitsOf(permits.match(path.segments), method, false);
    },
    pausing: (method, path) => {
      if (pausable !== null && !pausable.has(decidedAs(method))) return NONE;
      return hitsOf(matchLoosely(pauses, path), method, false);
    },
    cartsIn: (method, path) => {
      if (!carts || (pausable !== null && !pausable.has(decidedAs(method)))) return NONE;
      return path.loose.flatMap((form) => {
        const segments = segmentsOfForm(form);
        return hitsOf(pauses.match(segments), method, false).flatMap(({ rule, route }) => {
          const { cartParameter } = rule;
          const id = cartParameter === null ? null : cartIn(route.pattern.text, cartParameter, { segments });
          return id === null ? [] : [id];
        });
      });
    },
    bodyToRead: (side, method, path) => {
      const most = looks === null ? null : mostToRead(side, matchLoosely(looks, path), method);
      if (most === null || side === 'assisted') return most;
      // Another rule of this path may permit more, and it is not known yet which will decide.
      return Math.max(most, ...permits.match(path.segments).map(({ rule }) => sizeOf(rule)));
    },
    graphqlRule: (side, path) =>
      asks === null ? null : (matchLoosely(asks, path).find(({ rule }) => rule.side === side)?.rule ?? null),
  };
}

function forbidsSomething(rule: Rule): boolean {
  return rule.effect === 'block' || rule.effect === 'confirm';
}

function looksIntoBodies({ conditions }: Rule): boolean {
  return conditions !== null && (conditions.body !== null || conditions.graphql !== null);
}

function mostToRead(side: Rule['side'], routes: readonly RuleRoute[], method: string): number | null {
  let most: number | null = null;
  for (const { rule, route } of routes) {
    // A rule of another method may still block this one, and operations are looked for in every method.
    if (rule.side !== side) continue;
    const concerned =
      route.methods === null ||
      route.methods.includes(decidedAs(method)) ||
      rule.effect === 'block' ||
      (rule.conditions?.graphql ?? null) !== null;
    if (!concerned) continue;
    most = Math.max(most ?? 0, sizeOf(rule));
  }
  return most;
}

function sizeOf({ decision: { bodyLimit } }: Rule): number {
  return bodyLimit === 'stream' ? DEFAULT_BODY_BYTES : bodyLimit;
}

/** HEAD asks what GET would answer, so it is decided as GET (RFC 9110 section 9.3.2). */
export function decidedAs(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

/**
 * An explicit permit lifts a block of another method of its path, if it names this method and no path beyond the
 * block's. One that depends on a header does not: the client could choose it.
 */
export function isLiftedBy(block: Hit, permit: Hit): boolean {
  if (block.by !== 'same_path' || permit.route.methods === null) return false;
  if ((permit.rule.conditions?.header.length ?? 0) > 0) return false;
  return covers(block.route.pattern, permit.route.pattern);
}

/** The more specific route first; what is equally specific stands in the order of ids, never in that of the file. */
export function bySpecificity(a: Hit, b: Hit): number {
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  const byMethod = Number(a.route.methods === null) - Number(b.route.methods === null);
  if (byMethod !== 0) return byMethod;
  return a.rule.id < b.rule.id ? -1 : Number(a.rule.id !== b.rule.id);
}

function file(rules: readonly Rule[], spell: (literal: string) => string): RouteIndex<RuleRoute> {
  const filings = rules.flatMap(routesOf).map((entry) => ({ segments: entry.route.pattern.segments, entry }));
  return buildRouteIndex(filings, spell);
}

function matchLoosely(index: RouteIndex<RuleRoute>, path: SettledPath): readonly RuleRoute[] {
  let found: readonly RuleRoute[] = NONE;
  for (const form of path.loose) {
    const entries = index.match(segmentsOfForm(form));
    if (entries.length > 0) found = found.length === 0 ? entries : [...new Set([...found, ...entries])];
  }
  return found;
}

function hitsOf(entries: readonly RuleRoute[], method: string, writes: boolean): readonly Hit[] {
  if (entries.length === 0) return NONE;
  const wanted = decidedAs(method);
  const hits: Hit[] = [];
  for (const { rule, route, rank } of entries) {
    const { methods } = route;
    if (methods === null || methods.includes(wanted)) hits.push({ rule, route, rank, by: 'named' });
    else if (rule.effect === 'block' && writes) hits.push({ rule, route, rank, by: 'same_path' });
  }
  return hits;
}

/** Null when some rule names every method. */
function methodsOf(rules: readonly Rule[]): ReadonlySet<string> | null {
  const methods = new Set<string>();
  for (const rule of rules)
    for (const route of rule.routes) {
      if (route.methods === null) return null;
      for (const method of route.methods) methods.add(method);
    }
  return methods;
}
