/**
 * The rules of a policy, filed so that those which name a request are found at once: rules that forbid by every loose
 * reading of the path, rules that permit by its one exact spelling.
 */
import { foldText } from '../path/confusable.ts';
import { segmentsOfForm } from '../path/loose-forms.ts';
import type { SettledPath } from '../path.ts';
import { buildRouteIndex, type RouteIndex } from './route-index.ts';
import type { Person } from '../person.ts';
import { concerns, type Rule, type RuleRoute, routesOf } from './rule.ts';
import { covers } from './specificity.ts';

export type Hit = {
  readonly rule: Rule;
  readonly route: RuleRoute;
  /** `named`: the rule names this method. `same_path`: it blocks another method of this path, and so this one too. */
  readonly by: 'named' | 'same_path';
};

/** @param actor who is at the keyboard; null asks for anyone whoever */
type Find = (method: string, path: SettledPath, actor: Person | null) => readonly Hit[];

export type RuleBook = { readonly forbidding: Find; readonly permitting: Find; readonly pausing: Find };

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

  return {
    forbidding: (method, path, actor) => hitsOf(matchLoosely(forbids, path), method, actor),
    permitting: (method, path, actor) => {
      // What has no single meaning has no exact one, and patterns are written without a trailing slash.
      if (path.faults.length > 0 || path.trailingSlash) return NONE;
      return hitsOf(permits.match(path.segments), method, actor).toSorted(bySpecificity);
    },
    pausing: (method, path, actor) => {
      if (pausable !== null && !pausable.has(decidedAs(method))) return NONE;
      return hitsOf(matchLoosely(pauses, path), method, actor);
    },
  };
}

function forbidsSomething(rule: Rule): boolean {
  return rule.effect === 'block' || rule.effect === 'confirm';
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

function hitsOf(entries: readonly RuleRoute[], method: string, actor: Person | null): readonly Hit[] {
  if (entries.length === 0) return NONE;
  const wanted = decidedAs(method);
  const hits: Hit[] = [];
  for (const route of entries) {
    const { methods } = route.route;
    if (actor !== null && !concerns(route.rule, actor)) continue;
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
