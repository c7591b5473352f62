/** A policy in force: immutable, total, and the same answer for the same question for as long as it lives. */
import type { Otherwise } from './compiled/built-in.ts';
import type { Decision, DecisionRequest, Effect, Permission } from './decision.ts';
import type { SettledPath } from './path.ts';
import type { Grant, Reviewers } from './permission.ts';
import type { Person } from './person.ts';
import type { Pause, Terms } from './terms.ts';

export type Market = {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
  /** ISO 4217; absent where amounts are shown without one. */
  readonly currency?: string | undefined;
};

export type PolicySettings = {
  /** By market id. A Map, so that no id can be mistaken for something every object has. */
  readonly markets: ReadonlyMap<string, Market>;
  readonly reason: { readonly maxLength: number; readonly required: boolean };
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  /** Path of the app where a session begins. */
  readonly landOn: string;
  readonly pause: Pause;
  /** What becomes of the cart when a session ends, where the app's people know; null says nothing of it. */
  readonly cartAtEnd: 'kept' | 'lost' | null;
  /** What follows when the actor's address or browser becomes another in the midst of a session. */
  readonly onAddressChange: 'mark' | 'end' | 'ignore';
  /** Who may act as whom; one line that fits is enough. */
  readonly who: readonly Grant[];
  /** Roles that nobody acts as. */
  readonly never: readonly string[];
  readonly reviewers: Reviewers;
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
  /** Names of captured fields that are amounts in cents. */
  readonly money: readonly string[];
  /** Whether what it records is an order placed, named by the captured `order_id`. */
  readonly placesOrder: boolean;
  /** What besides method and path must hold, each completing "holds only if". */
  readonly conditions: readonly string[];
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
  /** For how long, where it begins, and when it pauses the shopper: of a session that there may be. */
  readonly termsOf: (actor: Person, subject: Person) => Terms;
  /** Whether the actor may end a colleague's session for this subject and take the seat. */
  readonly mayTakeOver: (actor: Person, subject: Person) => boolean;
  readonly mayReview: (person: Person) => 'own_market' | 'every_market' | null;
  readonly decide: (request: DecisionRequest) => Decision;
  /** Whether some assisted request of this method and path would be paused; asks about nobody. */
  readonly pausesAnything: (method: string, path: SettledPath) => boolean;
  /** Ids of carts, as `cartKey` makes them, that such a request names and a rule pauses whoever sends it. */
  readonly cartsIn: (method: string, path: SettledPath) => readonly string[];
  /**
   * How many bytes of its body must be read and parsed before a request of this method and path can be decided; null
   * where no rule looks into it. Asks about nobody, and loosely: a body too many is read rather than one too few.
   */
  readonly readsBody: (side: DecisionRequest['side'], method: string, path: SettledPath) => number | null;
  readonly confirmRoutes: () => readonly ConfirmRoute[];
  /** The author's words for a rule, or null. */
  readonly labelOf: (ruleId: string) => string | null;
  /** Every rule that names the request, strictest first. */
  readonly matches: (request: DecisionRequest) => readonly RuleMatch[];
};
