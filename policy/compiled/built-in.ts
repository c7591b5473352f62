/** Decisions that no rule makes: what `otherwise` says, what the mode forbids, and what cannot be known. */
import type { Decision, DecisionReason, Effect } from '../decision.ts';
import type { Miss } from './conditions.ts';
import { DEFAULT_BODY_BYTES, NO_OBLIGATIONS, type Rule } from './rule.ts';

export type Otherwise = {
  readonly reads: 'allow' | 'audit' | 'block';
  readonly writes: 'allow' | 'audit' | 'block';
};

function builtIn(effect: Effect, reason: DecisionReason, action: string | null): Decision {
  return Object.freeze({
    effect,
    rule: null,
    reason,
    action,
    obligations: NO_OBLIGATIONS,
    background: false,
    webSocket: null,
    sendBack: false,
    cart: null,
    bodyLimit: DEFAULT_BODY_BYTES,
    recordedPath: null,
    missed: null,
  });
}

export const NOT_PAUSED = builtIn('allow', 'not_paused', null);
export const VIEW_MODE = builtIn('block', 'view_mode', 'view_mode_blocked');
const UNREAD = builtIn('block', 'unread_operations', 'unread_operations_blocked');

export const OTHERWISE_READS: Readonly<Record<Otherwise['reads'], Decision>> = {
  allow: builtIn('allow', 'otherwise_reads', null),
  audit: builtIn('audit', 'otherwise_reads', 'unlisted_read'),
  block: builtIn('block', 'otherwise_reads', 'unlisted_read_blocked'),
};
export const OTHERWISE_WRITES: Readonly<Record<Otherwise['writes'], Decision>> = {
  allow: builtIn('allow', 'otherwise_writes', null),
  audit: builtIn('audit', 'otherwise_writes', 'unlisted_write'),
  block: builtIn('block', 'otherwise_writes', 'unlisted_write_blocked'),
};

/** @param rule a rule about the operations of this path */
export function unreadOperations(rule: string, why: string): Decision {
  return { ...UNREAD, missed: { rule, condition: 'graphql', why } };
}

/** What pauses the subject is the actor's to write only once they have locked it. */
export function notLocked(rule: string): Decision {
  return { ...builtIn('pause', 'not_locked', null), rule };
}

/** The rule permits its route, but not this request. */
export function missedBy(rule: Rule, miss: Miss): Decision {
  return { ...rule.missedDecision, missed: { rule: rule.id, ...miss } };
}
