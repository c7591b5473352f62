/** A rule ready to decide: its routes apart, its label settled, its decision made in advance where people do not matter. */
import type { Decision, DecisionRequest, Effect } from '../decision.ts';
import type { Person } from '../person.ts';
import type { RuleLine } from '../language/rule-schema.ts';
import type { Route } from '../language/route-pattern.ts';
import { fillTemplate, type Placeholder, type Template } from '../language/template.ts';
import { patternRank } from './specificity.ts';

/** Design section 3: what of an acting write's body is buffered unless its rule says otherwise. */
export const DEFAULT_BODY_BYTES = 1024 ** 2;
export const NO_OBLIGATIONS = Object.freeze({ amendJson: Object.freeze({}), capture: Object.freeze({}) });

export type Rule = {
  readonly id: string;
  readonly side: 'acting' | 'assisted';
  readonly effect: Effect;
  readonly routes: readonly Route[];
  readonly label: string | null;
  readonly actors: NonNullable<RuleLine['actors']> | null;
  readonly amendJson: readonly (readonly [pointer: string, template: Template])[];
  /** As decided for everyone, without what is amended. */
  readonly decision: Decision;
};

/** One route of one rule, as the indexes hold it. */
export type RuleRoute = { readonly rule: Rule; readonly route: Route; readonly rank: string };

/** @param marketName looks up the name people know a market by */
export type FillContext = { readonly request: DecisionRequest; readonly marketName: (id: string) => string };

export function compileRule(line: RuleLine): Rule {
  const decision: Decision = {
    effect: line.effect,
    rule: line.id,
    reason: 'rule',
    action: actionOf(line),
    obligations: Object.freeze({
      amendJson: NO_OBLIGATIONS.amendJson,
      capture: Object.freeze({ ...line.capture }),
    }),
    background: line.background ?? false,
    body: line.body ?? DEFAULT_BODY_BYTES,
  };
  return {
    id: line.id,
    side: line.while,
    effect: line.effect,
    routes: line.on,
    label: line.label ?? null,
    actors: line.actors ?? null,
    amendJson: Object.entries(line.amend?.json ?? {}),
    decision: Object.freeze(decision),
  };
}

export function routesOf(rule: Rule): readonly RuleRoute[] {
  return rule.routes.map((route) => ({ rule, route, rank: patternRank(route.pattern) }));
}

/** A claim holds only if the app says plainly `true`; a text such as "false" is no permission. */
export function concerns({ actors }: Rule, actor: Person): boolean {
  if (actors === null) return true;
  if (actors.roles !== undefined && !actors.roles.some((role) => actor.roles.includes(role))) return false;
  return (
    actors.claim === undefined ||
    (Object.hasOwn(actor.claims, actors.claim) && actor.claims[actors.claim] === true)
  );
}

/** The rule's decision with the words of this actor, subject and session filled in. */
export function decideBy(rule: Rule, context: FillContext): Decision {
  if (rule.amendJson.length === 0) return rule.decision;
  const valueOf = (placeholder: Placeholder) => valueFor(placeholder, context);
  const amendJson = Object.fromEntries(
    rule.amendJson.map(([pointer, template]) => [pointer, fillTemplate(template, valueOf)]),
  );
  return { ...rule.decision, obligations: { ...rule.decision.obligations, amendJson } };
}

/** Effects that leave a row in the record have a label even where the author gave none. */
function actionOf(line: RuleLine): string | null {
  if (line.action !== undefined) return line.action;
  const word = line.id.replaceAll('-', '_');
  if (line.effect === 'audit') return word;
  return line.effect === 'block' ? `${word}_blocked` : null;
}

function valueFor(placeholder: Placeholder, { request, marketName }: FillContext): string {
  const { actor, subject } = request;
  switch (placeholder) {
    case 'actor.id':
      return actor.id;
    case 'actor.name':
      return actor.name;
    case 'actor.first_name':
      return firstName(actor.name);
    case 'actor.email':
      return actor.email;
    case 'subject.id':
      return subject.id;
    case 'subject.name':
      return subject.name;
    case 'subject.first_name':
      return firstName(subject.name);
    case 'subject.email':
      return subject.email;
    case 'session.id':
      return request.sessionId ?? '';
    case 'market.id':
      return subject.market ?? '';
    case 'market.name':
      break;
  }
  return subject.market === null ? '' : marketName(subject.market);
}

function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? '';
}
