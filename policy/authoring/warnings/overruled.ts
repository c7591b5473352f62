/** Finds routes that decide nothing: a stricter rule takes every request of theirs, or a wider one says the same already. */
import type { Effect } from '../../decision.ts';
import { asksNoMore, type NamedRoute, type NamedRoutes, namesMethodsOf } from './named-routes.ts';
import type { Finding } from './warning.ts';

const STRICTNESS: Readonly<Record<Effect, number>> = { block: 3, confirm: 2, audit: 1, allow: 0, pause: 0 };

/** Keys by which a rule says something that a wider rule of the same effect does not say for it. */
const OWN_WORDS = [
  'action',
  'label',
  'body_message',
  'amend',
  'capture',
  'redact',
  'reads',
  'background',
  'websocket',
  'body_limit',
] as const;

/** @param lineOf line of a rule in the file */
export function findOverruled(
  routes: NamedRoutes,
  lineOf: (ruleIndex: number) => number,
): readonly Finding[] {
  return routes.all.flatMap((named) => {
    const wider = routes
      .atLeastAsWideAs(named)
      .filter((other) => other.rule.while === named.rule.while && asksNoMore(other, named));
    const stricter = overrulerOf(named, wider);
    if (stricter !== null) return [neverDecides(named, stricter, lineOf)];
    const same = wider.find((other) => saysTheSame(other, named));
    return same === undefined ? [] : [pointless(named, same, lineOf)];
  });
}

/** The strictest rule by which each method of this route is decided instead; null while one method is left to it. */
function overrulerOf(named: NamedRoute, wider: readonly NamedRoute[]): NamedRoute | null {
  const stricter = wider
    .filter((other) => STRICTNESS[other.rule.effect] > STRICTNESS[named.rule.effect])
    .toSorted((a, b) => STRICTNESS[b.rule.effect] - STRICTNESS[a.rule.effect]);
  const whole = stricter.find((other) => namesMethodsOf(other, named));
  if (whole !== undefined) return whole;
  const { methods } = named.route;
  const piecewise = methods?.every((method) =>
    stricter.some((other) => other.route.methods?.includes(method) ?? true),
  );
  return piecewise === true ? (stricter[0] ?? null) : null;
}

function saysTheSame(wide: NamedRoute, narrow: NamedRoute): boolean {
  if (wide.rule.effect !== narrow.rule.effect || !namesMethodsOf(wide, narrow)) return false;
  if (wide.rule === narrow.rule) return true;
  // Of two that name each other's routes only one is pointless: the later.
  if (namesMethodsOf(narrow, wide) && wide.ruleIndex > narrow.ruleIndex && sameWidth(wide, narrow))
    return false;
  return OWN_WORDS.every((key) => narrow.rule[key] === undefined);
}

function sameWidth(a: NamedRoute, b: NamedRoute): boolean {
  return a.route.pattern.segments.length === b.route.pattern.segments.length && a.text === b.text;
}

function neverDecides(named: NamedRoute, by: NamedRoute, lineOf: (ruleIndex: number) => number): Finding {
  const { id, effect } = named.rule;
  const whole = named.rule.on.length === 1;
  return {
    code: 'never_decides',
    path: placeOf(named),
    message: `${whole ? `rule "${id}" never decides anything` : `rule "${id}" never decides ${named.text}`}: "${by.rule.id}" (line ${lineOf(by.ruleIndex)}, ${by.rule.effect} ${by.text}) is stricter, and the strictest rule wins`,
    hint:
      by.rule.effect === 'block' && (effect === 'audit' || effect === 'allow')
        ? `take the route out of "${by.rule.id}", or take it out here`
        : `keep the one that is meant: ${by.rule.effect}, or ${effect}`,
  };
}

function pointless(named: NamedRoute, by: NamedRoute, lineOf: (ruleIndex: number) => number): Finding {
  const { id, effect } = named.rule;
  if (by.rule === named.rule)
    return {
      code: 'pointless',
      path: placeOf(named),
      message: `${named.text} adds nothing to ${by.text}, which this rule names as well`,
      hint: 'take the narrower one out',
    };
  return {
    code: 'pointless',
    path: placeOf(named),
    message: `rule "${id}" adds nothing${named.rule.on.length === 1 ? '' : ` with ${named.text}`}: "${by.rule.id}" (line ${lineOf(by.ruleIndex)}, ${by.text}) has the effect ${effect} already`,
    hint: 'take it out, or give it a label or an action of its own so that people are told more',
  };
}

export function placeOf({ ruleIndex, routeIndex }: NamedRoute): readonly (string | number)[] {
  return ['rules', ruleIndex, 'on', routeIndex];
}
