/** What a rule asks for besides method and path, in words: for warnings, explanations and the page of the policy. */
import type { RuleLine } from '../language/rule-schema.ts';

export type Condition = {
  /** The key in the rule: `actors`, `query`, `body`. */
  readonly key: string;
  /** Completes "holds only if": `the actor is sales_staff`. */
  readonly words: string;
};

/** Everything else in a rule narrows the requests that it is about. */
const NO_CONDITION: ReadonlySet<string> = new Set([
  'id',
  'on',
  'while',
  'effect',
  'action',
  'label',
  'amend',
  'capture',
  'redact',
  'background',
  'body_limit',
]);

export function conditionsOf(rule: RuleLine): readonly Condition[] {
  return Object.entries(rule)
    .filter(([key, value]) => value !== undefined && !NO_CONDITION.has(key))
    .flatMap(([key, value]) => (key === 'actors' ? actorConditions(rule) : [{ key, words: inWords(key, value) }]));
}

function actorConditions({ actors }: RuleLine): readonly Condition[] {
  const found: Condition[] = [];
  if (actors?.roles !== undefined)
    found.push({ key: 'actors', words: `the actor is ${actors.roles.join(' or ')}` });
  if (actors?.claim !== undefined)
    found.push({ key: 'actors', words: `the app says ${actors.claim} is true of the actor` });
  return found;
}

function inWords(key: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${key} is as the rule says (${text.length > 100 ? `${text.slice(0, 99)}…` : text})`;
}
