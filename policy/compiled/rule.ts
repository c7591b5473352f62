/** A rule ready to decide: its routes apart, its conditions compiled, its decision made in advance where people do not matter. */
import type { Decision, Effect, WebSocketTerms } from '../decision.ts';
import { pointerOf } from '../language/obligation-schemas.ts';
import type { RuleLine } from '../language/rule-schema.ts';
import type { Route } from '../language/route-pattern.ts';
import type { Template } from '../language/template.ts';
import { compileConditions, type Conditions } from './conditions.ts';
import { compileMessageRule } from './message-rule.ts';
import { patternRank } from './specificity.ts';

/** Design section 3: what of an acting write's body is buffered unless its rule says otherwise. */
export const DEFAULT_BODY_BYTES = 1024 ** 2;
const NOTHING = Object.freeze({});
export const NO_OBLIGATIONS = Object.freeze({
  amend: Object.freeze({ json: NOTHING, form: NOTHING, header: NOTHING }),
  capture: NOTHING,
});

export type Amendment = {
  readonly kind: 'json' | 'form' | 'header';
  readonly place: string;
  readonly template: Template;
};

export type Rule = {
  readonly id: string;
  readonly side: 'acting' | 'assisted';
  readonly effect: Effect;
  readonly routes: readonly Route[];
  readonly label: string | null;
  readonly conditions: Conditions | null;
  readonly amendments: readonly Amendment[];
  /** `:name` of path parameters that the record must not show. */
  readonly secretParameters: readonly string[];
  /** `:name` of the parameter that holds a cart's own id. */
  readonly cartParameter: string | null;
  /** Names of captured fields that are amounts in cents. */
  readonly money: readonly string[];
  readonly placesOrder: boolean;
  /** Reads only, whatever its method: permitted in a session that may only look. */
  readonly reads: boolean;
  /** As decided for everyone, without what is amended. */
  readonly decision: Decision;
  /** Where it permits its route but not this request; `missed` is filled in. */
  readonly missedDecision: Decision;
};

/** One route of one rule, as the indexes hold it. */
export type RuleRoute = { readonly rule: Rule; readonly route: Route; readonly rank: string };

export function compileRule(line: RuleLine): Rule {
  const decision: Decision = {
    effect: line.effect,
    rule: line.id,
    reason: 'rule',
    action: actionOf(line),
    obligations: Object.freeze({ ...NO_OBLIGATIONS, capture: captureOf(line) }),
    background: line.background ?? false,
    webSocket: webSocketOf(line),
    sendBack: line.send_back ?? false,
    cart: line.cart_id?.startsWith('/') === true ? { at: line.cart_id } : null,
    bodyLimit: line.body_limit ?? DEFAULT_BODY_BYTES,
    recordedPath: null,
    missed: null,
  };
  return {
    id: line.id,
    side: line.while,
    effect: line.effect,
    routes: line.on,
    label: line.label ?? null,
    conditions: compileConditions(line),
    amendments: amendmentsOf(line),
    secretParameters: (line.redact ?? []).filter((field) => field.startsWith(':')),
    cartParameter: line.cart_id?.startsWith(':') === true ? line.cart_id : null,
    money: Object.entries(line.capture ?? {}).flatMap(([name, captured]) =>
      typeof captured === 'string' ? [] : [name],
    ),
    placesOrder: line.places_order ?? false,
    reads: line.reads ?? asksOnly(line),
    decision: Object.freeze(decision),
    missedDecision: Object.freeze({
      ...decision,
      effect: 'block',
      reason: 'missed',
      action: `${line.action ?? wordsOf(line)}_blocked`,
      obligations: NO_OBLIGATIONS,
      background: false,
      webSocket: null,
      cart: null,
    }),
  };
}

export function routesOf(rule: Rule): readonly RuleRoute[] {
  return rule.routes.map((route) => ({ rule, route, rank: patternRank(route.pattern) }));
}

function webSocketOf({ websocket }: RuleLine): WebSocketTerms | null {
  if (websocket === undefined) return null;
  const { messages, message, protocols = [] } = websocket;
  const wrongMessage = message === undefined ? null : compileMessageRule(message);
  return Object.freeze({ messages, wrongMessage, protocols });
}

function captureOf({ capture }: RuleLine): Readonly<Record<string, string>> {
  const pointers = Object.entries(capture ?? {}).map(
    ([name, captured]) => [name, pointerOf(captured)] as const,
  );
  return Object.freeze(Object.fromEntries(pointers));
}

/** GraphQL asks by POST as well; parsed, a query is known to be one. */
function asksOnly({ effect, graphql }: RuleLine): boolean {
  return (
    effect === 'allow' &&
    graphql?.query !== undefined &&
    graphql.mutation === undefined &&
    graphql.subscription === undefined &&
    graphql.persisted === undefined
  );
}

function amendmentsOf({ amend }: RuleLine): readonly Amendment[] {
  const kinds = ['json', 'form', 'header'] as const;
  return kinds.flatMap((kind) =>
    Object.entries(amend?.[kind] ?? {}).map(([place, template]) => ({ kind, place, template })),
  );
}

/** Effects that leave a row in the record have a label even where the author gave none. */
function actionOf(line: RuleLine): string | null {
  if (line.action !== undefined) return line.action;
  if (line.effect === 'audit') return wordsOf(line);
  return line.effect === 'block' ? `${wordsOf(line)}_blocked` : null;
}

function wordsOf({ id }: RuleLine): string {
  return id.replaceAll('-', '_');
}
