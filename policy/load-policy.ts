/** Reads policy.yaml as a whole: a policy ready to decide, or every mistake in the file. Nothing half-loaded ever comes out. */
import { createHash } from 'node:crypto';
import { readCheckedYaml } from './checked-yaml.ts';
import { type Decider, decide } from './compiled/decide.ts';
import { matchesOf } from './compiled/matches.ts';
import { compileRule, type Rule } from './compiled/rule.ts';
import { buildRuleBook } from './compiled/rule-book.ts';
import { type PolicyFile, policySchema } from './language/policy-schema.ts';
import { mayActAtAll, mayActFor, mayReview } from './permission.ts';
import type { ConfirmRoute, Policy, PolicySettings, RuleSummary } from './policy.ts';
import type { Mistake } from './yaml/mistake.ts';

export type LoadedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

export function loadPolicy(text: string): LoadedPolicy {
  const read = readCheckedYaml(text, policySchema);
  if (!read.ok) return read;
  const lines = read.value.rules.map((_, index) => read.positionOf(['rules', index]).line);
  return { ok: true, policy: build(read.value, lines, createHash('sha256').update(text).digest('hex')) };
}

function build(file: PolicyFile, lines: readonly number[], hash: string): Policy {
  const settings = settingsOf(file);
  const rules = file.rules.map(compileRule);
  const labels = new Map(rules.map((rule) => [rule.id, rule.label]));
  const book = buildRuleBook(rules);
  const decider: Decider = {
    book,
    otherwise: file.otherwise,
    marketName: (id) => settings.markets.get(id)?.name ?? id,
  };
  const confirmRoutes = confirmRoutesOf(rules);
  const { who, never } = file.act_as;
  return Object.freeze({
    hash,
    settings,
    rules: rules.map((rule, index) => summaryOf(rule, lines[index] ?? 1)),
    mayActAtAll: (actor) => mayActAtAll(who, actor),
    mayActFor: (actor, subject) => mayActFor(who, never, actor, subject),
    mayReview: (person) => mayReview(file.reviewers, person),
    decide: (request) => decide(decider, request),
    pausesAnything: (method, path) => book.pausing(method, path, null).length > 0,
    confirmRoutes: () => confirmRoutes,
    labelOf: (ruleId) => labels.get(ruleId) ?? null,
    matches: (request) => matchesOf(book, request),
  } satisfies Policy);
}

function settingsOf(file: PolicyFile): PolicySettings {
  const { reason, idle_timeout, absolute_timeout, land_on } = file.act_as;
  return Object.freeze({
    markets: new Map(Object.entries(file.markets).map(([id, market]) => [id, { id, ...market }])),
    reason: { maxLength: reason.max_length, required: reason.required },
    idleTimeoutMs: idle_timeout,
    absoluteTimeoutMs: absolute_timeout,
    landOn: land_on,
    otherwise: file.otherwise,
  });
}

function confirmRoutesOf(rules: readonly Rule[]): readonly ConfirmRoute[] {
  return rules
    .filter((rule) => rule.effect === 'confirm')
    .flatMap((rule) => rule.routes)
    .map(({ methods, pattern }) => ({ methods: methods ?? ['ANY'], pattern: pattern.text }));
}

function summaryOf(rule: Rule, line: number): RuleSummary {
  return {
    id: rule.id,
    while: rule.side,
    effect: rule.effect,
    on: rule.routes.map(({ methods, pattern }) => `${methods?.join('|') ?? 'ANY'} ${pattern.text}`),
    action: rule.decision.action,
    label: rule.label,
    line,
  };
}
