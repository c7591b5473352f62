/** The routes of a policy one by one, each with its rule, and a quick way to those that are at least as wide as another. */
import { buildRouteIndex } from '../../compiled/route-index.ts';
import { covers } from '../../compiled/specificity.ts';
import type { Route } from '../../language/route-pattern.ts';
import type { RuleLine } from '../../language/rule-schema.ts';
import { foldText } from '../../path/confusable.ts';

export type NamedRoute = {
  readonly rule: RuleLine;
  readonly route: Route;
  /** As written: `PUT|PATCH /api/cards/:id`. */
  readonly text: string;
  /** Which entry of `rules:`, and which of its `on:`. */
  readonly ruleIndex: number;
  readonly routeIndex: number;
  /** What besides method and path must hold, in one comparable text; empty for a rule without conditions. */
  readonly conditions: string;
};

export type NamedRoutes = {
  readonly all: readonly NamedRoute[];
  /** Every other route that matches whatever this one matches, methods and conditions aside. */
  readonly atLeastAsWideAs: (named: NamedRoute) => readonly NamedRoute[];
};

export function namedRoutes(rules: readonly RuleLine[]): NamedRoutes {
  const all = rules.flatMap((rule, ruleIndex) =>
    rule.on.map((route, routeIndex) => ({
      rule,
      route,
      text: spellRoute(route),
      ruleIndex,
      routeIndex,
      conditions: comparable(rule),
    })),
  );
  const index = buildRouteIndex(
    all.map((entry) => ({ segments: entry.route.pattern.segments, entry })),
    foldText,
  );
  return {
    all,
    atLeastAsWideAs(named) {
      const { pattern } = named.route;
      // A wildcard is put in as a segment that no literal can be; what the index finds too many, covers() sorts out.
      const segments = pattern.segments.map((each) => (each.kind === 'literal' ? foldText(each.text) : '\0'));
      return index.match(segments).filter((other) => other !== named && covers(other.route.pattern, pattern));
    },
  };
}

export function spellRoute({ methods, pattern }: Route): string {
  return `${methods?.join('|') ?? 'ANY'} ${pattern.text}`;
}

/** Whether `wide` holds at least whenever `narrow` does, as far as conditions go. */
export function asksNoMore(wide: NamedRoute, narrow: NamedRoute): boolean {
  return wide.conditions === '' || wide.conditions === narrow.conditions;
}

/** Whether every method of `narrow` is one that `wide` names. */
export function namesMethodsOf(wide: NamedRoute, narrow: NamedRoute): boolean {
  const { methods } = wide.route;
  return methods === null || (narrow.route.methods?.every((method) => methods.includes(method)) ?? false);
}

function comparable(rule: RuleLine): string {
  const { actors, subjects, market, mode, query, header, body, graphql } = rule;
  const text = JSON.stringify({ actors, subjects, market, mode, query, header, body, graphql });
  return text === '{}' ? '' : text;
}
