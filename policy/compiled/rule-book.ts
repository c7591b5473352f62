/**
 * The rules of a policy, filed so that those which name a request are found at once: rules that forbid by every loose
 * reading of the path, rules that permit by its one exact spelling.
 */
import { foldText } from '../path/confusable.ts';
import { segmentsOfForm } from '../path/loose-forms.ts';
import type { SettledPath } from '../path.ts';
import { buildRouteIndex, type RouteIndex } from './route-index.ts';
import { type Rule, type RuleRoute, routesOf } from './rule.ts';
import { covers } from './specificity.ts';

export type Hit = {
  readonly rule: Rule;
  readonly route: RuleRoute;
  /** `named`: the rule names this method. `same_path`: it blocks another method of this path, and so this one too. */
  readonly by: 'named' | 'same_path';
};

export type RuleBook = {
  readonly forbidding: (method: string, path: SettledPath) => readonly Hit[];
  readonly permitting: (method: string, path: SettledPath) => readonly Hit[];
  readonly pausing: (method: string, path: SettledPath) => readonly Hit[];
};

const NONE: readonly never[] = [];

export function buildRuleBook(rules: readonly Rule[]): RuleBook {
  const acting = rules.filter((rule) => rule.side === 'acting');
  const forbids = file(
    acting.filter((rule) => rule.effect === 'block' || rule.effect === 'confirm'),
    foldText,
  );
  const permits = file(
    acting.filter((rule) => rule.effect === 'audit' || rule.effect === 'allow'),
    (literal) => literal,
  );
  const pauses = file(
    rules.filter((rule) => rule.side === 'assisted'),
    foldText,
  );
  const pausable = methodsOf(rules.filter((rule) => rule.side === 'assisted'));

  return {
    forbidding: (method, path) => {
      const entries = matchLoosely(forbids, path);
      return entries.length === 0 ? NONE : hitsOf(entries, method);
    },
    permitting: (method, path) => {
      // What has no single meaning has no exact one, and patterns are written without a trailing slash.
      if (path.faults.length > 0 || path.trailingSlash) return NONE;
      const entries = permits.match(path.segments);
      return entries.length === 0
        ? NONE
        : hitsOf(entries, method)
            .filter((hit) => hit.by === 'named')
            .toSorted(bySpecificity);
    },
    pausing: (method, path) => {
      if (pausable !== null && !pausable.has(decidedAs(method))) return NONE;
      const entries = matchLoosely(pauses, path);
      return entries.length === 0 ? NONE : hitsOf(entries, method).filter((hit) => hit.by === 'named');
    },
  };
}

/** HEAD asks what GET would answer, so it is decided as GET (RFC 9110 section 9.3.2). */
export function decidedAs(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** An explicit permit lifts a block of another method of its path, if it names this method and no path beyond the block's. */
export function isLiftedBy(block: Hit, permit: Hit): boolean {
  if (block.by !== 'same_path' || permit.route.route.methods === null) return false;
  return covers(block.route.route.pattern, permit.route.route.pattern);
}

/** The more specific route first; what is equally specific stands in the order of ids, never in that of the file. */
export function bySpecificity(a: Hit, b: Hit): number {
  if (a.route.rank !== b.route.rank) return a.route.rank < b.route.rank ? -1 : 1;
  const byMethod = Number(a.route.route.methods === null) - Number(b.route.route.methods === null);
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

function hitsOf(entries: readonly RuleRoute[], method: string): readonly Hit[] {
  const wanted = decidedAs(method);
  const hits: Hit[] = [];
  for (const route of entries) {
    const { methods } = route.route;
    if (methods === null || methods.includes(wanted)) hits.push({ rule: route.rule, route, by: 'named' });
    else if (route.rule.effect === 'block' && !isRead(method))
      hits.push({ rule: route.rule, route, by: 'same_path' });
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
