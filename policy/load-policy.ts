/** Reads policy.yaml as a whole: a policy ready to decide, or every mistake in the file. Nothing half-loaded ever comes out. */
import { createHash } from 'node:crypto';
import { conditionsOf } from './authoring/conditions.ts';
import { runTests } from './authoring/tests/run-tests.ts';
import { type Place, readCheckedYaml } from './checked-yaml.ts';
import { type Decider, decide } from './compiled/decide.ts';
import { matchesOf } from './compiled/matches.ts';
import { compileRule, type Rule } from './compiled/rule.ts';
import { buildRuleBook } from './compiled/rule-book.ts';
import { type PolicyFile, policySchema } from './language/policy-schema.ts';
import type { Permission } from './decision.ts';
import { actingRole, mayActAtAll, mayActFor, mayReview, mayTakeOver } from './permission.ts';
import type { Person } from './person.ts';
import type { ConfirmRoute, Policy, PolicySettings, RuleSummary } from './policy.ts';
import { termsOf } from './terms.ts';
import { type Mistake, spellPath } from './yaml/mistake.ts';

export type LoadedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** A policy whose own tests fail does not load. */
export function loadPolicy(text: string): LoadedPolicy {
  const read = readPolicy(text);
  if (!read.ok) return read;
  const failed = failedTests(read);
  return failed.length > 0 ? { ok: false, mistakes: failed } : { ok: true, policy: read.policy };
}

export type ReadPolicy =
  | {
      readonly ok: true;
      readonly policy: Policy;
      readonly file: PolicyFile;
      readonly positionOf: (path: readonly (string | number)[]) => Place;
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** The same without asking its tests, and with the file as it was read: for the tools of its authors. */
export function readPolicy(text: string): ReadPolicy {
  const read = readCheckedYaml(text, policySchema);
  if (!read.ok) return read;
  const { value: file, positionOf } = read;
  const lines = file.rules.map((_, index) => positionOf(['rules', index]).line);
  const hash = createHash('sha256').update(text).digest('hex');
  return { ok: true, policy: build(file, lines, hash), file, positionOf };
}

function failedTests({ policy, file, positionOf }: ReadPolicy & { ok: true }): readonly Mistake[] {
  return runTests(policy, file.tests).flatMap(({ test, failure }, index) => {
    if (failure === null) return [];
    const place = ['tests', index] as const;
    return [{ ...positionOf(place), path: spellPath(place), message: `"${test.name}": ${failure}` }];
  });
}

function build(file: PolicyFile, lines: readonly number[], hash: string): Policy {
  const settings = settingsOf(file);
  const rules = file.rules.map(compileRule);
  const labels = new Map(rules.map((rule) => [rule.id, rule.label]));
  const book = buildRuleBook(rules);
  const { who, never } = file.act_as;
  const decider: Decider = {
    book,
    otherwise: file.otherwise,
    marketName: (id) => settings.markets.get(id)?.name ?? id,
    actingRole: ({ actor, subject }) => actingRole(who, never, actor, subject),
  };
  const confirmRoutes = confirmRoutesOf(rules);
  const conditions = file.rules.map(conditionsOf);
  return Object.freeze({
    hash,
    settings,
    rules: rules.map((rule, index) =>
      summaryOf(rule, { conditions: conditions[index] ?? [], line: lines[index] ?? 1 }),
    ),
    mayActAtAll: (actor) => mayActAtAll(who, actor),
    mayActFor: rememberingTheLast((actor, subject) => mayActFor(who, never, actor, subject)),
    termsOf: (actor, subject) => termsOf(who, never, actor, subject, settings),
    mayTakeOver: (actor, subject) => mayTakeOver(who, never, actor, subject),
    mayReview: (person) => mayReview(file.reviewers, person),
    decide: (request) => decide(decider, request),
    pausesAnything: (method, path) => book.pausing(method, path).length > 0,
    cartsIn: (method, path) => book.cartsIn(method, path),
    readsBody: (side, method, path) => book.bodyToRead(side, method, path),
    confirmRoutes: () => confirmRoutes,
    labelOf: (ruleId) => labels.get(ruleId) ?? null,
    matches: (request) => matchesOf(book, request),
  } satisfies Policy);
}

/** Each request of a session asks about the same two people, as they were last seen. */
function rememberingTheLast(permit: Policy['mayActFor']): Policy['mayActFor'] {
  const last = new WeakMap<Person, { readonly subject: Person; readonly permission: Permission }>();
  return (actor, subject) => {
    const known = last.get(actor);
    if (known?.subject === subject) return known.permission;
    const permission = permit(actor, subject);
    last.set(actor, { subject, permission });
    return permission;
  };
}

function settingsOf(file: PolicyFile): PolicySettings {
  const { reason, idle_timeout, absolute_timeout, land_on, pause, cart_at_end } = file.act_as;
  return Object.freeze({
    markets: new Map(Object.entries(file.markets).map(([id, market]) => [id, { id, ...market }])),
    reason: { maxLength: reason.max_length, required: reason.required },
    idleTimeoutMs: idle_timeout,
    absoluteTimeoutMs: absolute_timeout,
    landOn: land_on,
    pause,
    cartAtEnd: cart_at_end ?? null,
    onAddressChange: file.act_as.on_address_change,
    who: file.act_as.who,
    never: file.act_as.never,
    reviewers: file.reviewers,
    otherwise: file.otherwise,
  });
}

function confirmRoutesOf(rules: readonly Rule[]): readonly ConfirmRoute[] {
  return rules
    .filter((rule) => rule.effect === 'confirm')
    .flatMap((rule) => rule.routes)
    .map(({ methods, pattern }) => ({ methods: methods ?? ['ANY'], pattern: pattern.text }));
}

function summaryOf(rule: Rule, more: Pick<RuleSummary, 'conditions' | 'line'>): RuleSummary {
  return {
    id: rule.id,
    while: rule.side,
    effect: rule.effect,
    on: rule.routes.map(({ methods, pattern }) => `${methods?.join('|') ?? 'ANY'} ${pattern.text}`),
    action: rule.decision.action,
    label: rule.label,
    money: rule.money,
    placesOrder: rule.placesOrder,
    ...more,
  };
}
