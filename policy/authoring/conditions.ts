/** What a rule asks for besides method and path, in words: for warnings, explanations and the page of the policy. */
import type { GraphqlCondition, Someone, Wanted } from '../language/condition-schemas.ts';
import type { RuleLine } from '../language/rule-schema.ts';

/** Each completes "holds only if": `the actor is sales_staff`. */
export function conditionsOf(rule: RuleLine): readonly string[] {
  const { actors, subjects, market, mode, query, header, body, graphql } = rule;
  return [
    ...(actors === undefined ? [] : about('actor', actors)),
    ...(subjects === undefined ? [] : about('subject', subjects)),
    ...(market === undefined ? [] : [`the market is ${oneOf([market].flat())}`]),
    ...(mode === undefined ? [] : [`the session’s mode is ${mode}`]),
    ...wanted('query parameter', query),
    ...wanted('header', header),
    ...(body === undefined ? [] : [`the body fits ${shortened(JSON.stringify(body))}`]),
    ...(graphql === undefined ? [] : [`it asks for ${operations(graphql)}`]),
  ];
}

function about(who: 'actor' | 'subject', { roles, claim }: Someone): readonly string[] {
  return [
    ...(roles === undefined ? [] : [`the ${who} is ${oneOf(roles)}`]),
    ...(claim === undefined ? [] : [`${claim} is true of the ${who}`]),
  ];
}

function wanted(what: string, names: Readonly<Record<string, Wanted>> | undefined): readonly string[] {
  return Object.entries(names ?? {}).map(([name, texts]) => `${what} ${name} is ${oneOf([texts].flat())}`);
}

function operations({ persisted, ...fields }: GraphqlCondition): string {
  const named = Object.entries(fields).map(([type, names]) => `${type} ${oneOf(names ?? [])}`);
  return oneOf([...named, ...(persisted === undefined ? [] : [`persisted query ${oneOf(persisted)}`])]);
}

function oneOf(words: readonly string[]): string {
  return shortened(words.join(' or '));
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}
