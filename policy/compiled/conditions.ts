/**
 * Whether the conditions of a rule hold for a request. A rule that permits must be met to the letter, and what keeps it
 * from being met is named; a rule that forbids holds wherever some lenient reader could see what it forbids.
 */
import { type BodySchema, compileBodySchema } from '../body/body-schema.ts';
import type { Condition, DecisionRequest, Mode } from '../decision.ts';
import type { GraphqlCondition, Someone, Wanted } from '../language/condition-schemas.ts';
import type { RuleLine } from '../language/rule-schema.ts';
import { foldText } from '../path/confusable.ts';
import type { Person } from '../person.ts';
import { foldParameter, readParameters } from '../query/parameters.ts';
import type { Unit } from './units.ts';

export type Conditions = {
  readonly actors: Someone | null;
  readonly subjects: Someone | null;
  readonly markets: readonly string[] | null;
  readonly mode: Mode | null;
  readonly query: readonly (readonly [name: string, wanted: Wanted])[];
  readonly header: readonly (readonly [name: string, wanted: Wanted])[];
  readonly body: BodySchema | null;
  /** What people are told of a body that misses it; null leaves them the schema's own words. */
  readonly bodyMessage: string | null;
  readonly graphql: GraphqlCondition | null;
};

export type Miss = { readonly condition: Condition; readonly why: string; readonly message?: string };

/** Null where a rule has none, which is nearly every rule. */
export function compileConditions(line: RuleLine): Conditions | null {
  const { actors, subjects, market, mode, query, header, body, graphql } = line;
  const parts = [actors, subjects, market, mode, query, header, body, graphql];
  if (parts.every((part) => part === undefined)) return null;
  return {
    actors: actors ?? null,
    subjects: subjects ?? null,
    markets: market === undefined ? null : [market].flat(),
    mode: mode ?? null,
    query: Object.entries(query ?? {}),
    header: Object.entries(header ?? {}),
    body: body === undefined ? null : compileBodySchema(body),
    bodyMessage: line.body_message ?? null,
    graphql: graphql ?? null,
  };
}

/** Why a permit is not met; null where it is. @param unit what of a GraphQL request is decided on, if it is one */
export function missOf(
  conditions: Conditions | null,
  request: DecisionRequest,
  unit: Exclude<Unit, 'unread'>,
): Miss | null {
  if (conditions === null) return null;
  const { actors, subjects, mode, query, header, body, graphql } = conditions;
  const { actor, subject } = request;
  if (graphql !== null && !namesUnit(graphql, unit)) return { condition: 'graphql', why: 'no rule names it' };
  if (!inMarket(conditions, subject)) return { condition: 'market', why: 'not in this market' };
  const bySubject = lacking(subjects, subject, 'this person');
  if (bySubject !== null) return { condition: 'subjects', why: bySubject };
  if (mode !== null && mode !== request.mode)
    return { condition: 'mode', why: `only in a session of mode ${mode}` };
  const byActor = lacking(actors, actor, 'you');
  if (byActor !== null) return { condition: 'actors', why: byActor };
  for (const [name, wanted] of query)
    if (!queryIsExactly(request.query, name, wanted))
      return { condition: 'query', why: `the parameter ${name} is not as it must be` };
  for (const [name, wanted] of header)
    if (!isExactly(request.header(name), wanted))
      return { condition: 'header', why: `the header ${name} is not as it must be` };
  const wrong = body?.wrong(request.body) ?? null;
  if (wrong === null) return null;
  const { bodyMessage: message } = conditions;
  return { condition: 'body', why: wrong, ...(message === null ? {} : { message }) };
}

export function couldHold(conditions: Conditions | null, request: DecisionRequest, unit: Unit): boolean {
  if (conditions === null) return true;
  const { actors, subjects, mode, query, header, body, graphql } = conditions;
  return (
    lacking(actors, request.actor, '') === null &&
    lacking(subjects, request.subject, '') === null &&
    inMarket(conditions, request.subject) &&
    (mode === null || mode === request.mode) &&
    query.every(([name, wanted]) => queryCouldBe(request.query, name, wanted)) &&
    header.every(([name, wanted]) => couldBe([request.header(name) ?? []].flat(), wanted)) &&
    (graphql === null || unit === 'unread' || namesUnit(graphql, unit)) &&
    (body === null || body.couldHold(request.body))
  );
}

/** A claim holds only if the app says plainly `true`; a text such as "false" is no permission. */
function lacking(wanted: Someone | null, person: Person, who: string): string | null {
  if (wanted === null) return null;
  const { roles, claim } = wanted;
  if (roles !== undefined && !roles.some((role) => person.roles.includes(role)))
    return `${who} would have to be ${roles.map(inWords).join(' or ')}`;
  if (claim === undefined || (Object.hasOwn(person.claims, claim) && person.claims[claim] === true))
    return null;
  return `${who} would need the permission “${inWords(claim)}”`;
}

function inWords(name: string): string {
  return name.replaceAll(/[_-]+/g, ' ');
}

function inMarket({ markets }: Conditions, { market }: Person): boolean {
  return markets === null || (market !== null && markets.includes(market));
}

function queryIsExactly(query: string, name: string, wanted: Wanted): boolean {
  const parameters = readParameters(query);
  if (parameters === null) return false;
  const folded = foldParameter(name);
  const alike = parameters.filter((one) => one.folded === folded);
  const [only] = alike;
  if (only === undefined) return wanted === 'absent';
  return alike.length === 1 && only.certain && only.name === name && isExactly(only.value, wanted);
}

function queryCouldBe(query: string, name: string, wanted: Wanted): boolean {
  const parameters = readParameters(query);
  if (parameters === null) return true;
  const folded = foldParameter(name);
  const alike = parameters.filter((one) => one.folded === folded);
  // Not there, unless it is there in its own spelling and so for every reader.
  if (wanted === 'absent') return !alike.some((one) => one.certain && one.name === name);
  return couldBe(
    alike.map(({ value }) => value),
    wanted,
  );
}

function isExactly(value: string | null, wanted: Wanted): boolean {
  if (wanted === 'absent') return value === null;
  if (value === null) return false;
  return wanted === 'present' || [wanted].flat().includes(value);
}

function couldBe(values: readonly string[], wanted: Wanted): boolean {
  if (wanted === 'absent') return values.length === 0;
  if (wanted === 'present') return values.length > 0;
  const folded = [wanted].flat().map((text) => foldText(text.trim()));
  return values.some((value) => folded.includes(foldText(value.trim())));
}

function namesUnit(condition: GraphqlCondition, unit: Exclude<Unit, 'unread'>): boolean {
  if (unit === null) return false;
  const patterns = condition[unit.type] ?? [];
  if (unit.type === 'persisted') return patterns.includes(unit.field);
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? unit.field.startsWith(pattern.slice(0, -1)) : pattern === unit.field,
  );
}
