/** A policy in force: immutable, total, and the same answer for the same question for as long as it lives. */
import type { Otherwise } from './compiled/decide.ts';
import type { Decision, DecisionRequest, Effect, Permission } from './decision.ts';
import type { SettledPath } from './path.ts';
import type { Person } from './person.ts';

export type Market = { readonly id: string; readonly name: string; readonly timezone: string };

export type PolicySettings = {
  /** By market id. A Map, so that no id can be mistaken for something every object has. */
  readonly markets: ReadonlyMap<string, Market>;
  readonly reason: { readonly maxLength: number; readonly required: boolean };
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  /** Path of the app where a session begins. */
  readonly landOn: string;
  readonly otherwise: Otherwise;
};

export type RuleSummary = {
  readonly id: string;
  readonly while: 'acting' | 'assisted';
  readonly effect: Effect;
  readonly on: readonly string[];
  readonly action: string | null;
  /** The author's words for people, where there are any. */
  readonly label: string | null;
  /** 1-based line in the file. */
  readonly line: number;
};

/** Methods are upper-case; `ANY` stands for all. */
export type ConfirmRoute = { readonly methods: readonly string[]; readonly pattern: string };

/** A rule that names the request, whether or not it decided. */
export type RuleMatch = {
  readonly rule: string;
  readonly effect: Effect;
  readonly route: string;
  /** `same_path`: a block of another method of this path; `lifted`: one that an explicit permit sets aside. */
  readonly how: 'named' | 'same_path' | 'lifted';
};

export type Policy = {
  /** Lower-case hex SHA-256 of the file's text. */
  readonly hash: string;
  readonly settings: PolicySettings;
  readonly rules: readonly RuleSummary[];
  readonly mayActAtAll: (actor: Person) => boolean;
  readonly mayActFor: (actor: Person, subject: Person) => Permission;
  readonly mayReview: (person: Person) => 'own_market' | 'every_market' | null;
  readonly decide: (request: DecisionRequest) => Decision;
  /** Whether some assisted request of this method and path would be paused; asks about nobody. */
  readonly pausesAnything: (method: string, path: SettledPath) => boolean;
  readonly confirmRoutes: () => readonly ConfirmRoute[];
  /** The author's words for a rule, or null. */
  readonly labelOf: (ruleId: string) => string | null;
  /** Every rule that names the request, strictest first. */
  readonly matches: (request: DecisionRequest) => readonly RuleMatch[];
};
