/** The ladder of precedence: the strictest effect among all rules that name a request wins, never their order in the file. */
import type { Decision, DecisionReason, DecisionRequest, Effect } from '../decision.ts';
import { DEFAULT_BODY_BYTES, decideBy, NO_OBLIGATIONS } from './rule.ts';
import { bySpecificity, type Hit, isLiftedBy, isRead, type RuleBook } from './rule-book.ts';

export type Otherwise = {
  readonly reads: 'allow' | 'audit' | 'block';
  readonly writes: 'allow' | 'audit' | 'block';
};

export type Decider = {
  readonly book: RuleBook;
  readonly otherwise: Otherwise;
  readonly marketName: (id: string) => string;
};

/** Total: every request has a decision. The caller refuses what could not be settled; here it is permitted by no rule. */
export function decide(decider: Decider, request: DecisionRequest): Decision {
  return request.side === 'acting' ? decideActing(decider, request) : decideAssisted(decider, request);
}

function decideActing({ book, otherwise, marketName }: Decider, request: DecisionRequest): Decision {
  const { method, path, actor } = request;
  const forbidding = book.forbidding(method, path, actor);
  const permitting = book.permitting(method, path, actor);

  // Blocked means the path: every method that could write, unless a permit names that method there.
  const block = strictestBlock(forbidding, permitting);
  if (block !== null) return block.rule.decision;

  // A question comes before everything that would forward.
  const confirm = mostSpecific(forbidding, 'confirm');
  if (confirm !== null) return confirm.rule.decision;

  // Who may only look does not write, whatever a rule permits.
  if (request.mode === 'view' && !isRead(method)) return VIEW_MODE;

  const audit = mostSpecific(permitting, 'audit');
  if (audit !== null) return decideBy(audit.rule, { request, marketName });

  const allow = mostSpecific(permitting, 'allow');
  if (allow !== null) return decideBy(allow.rule, { request, marketName });

  return isRead(method) ? OTHERWISE_READS[otherwise.reads] : OTHERWISE_WRITES[otherwise.writes];
}

function decideAssisted({ book }: Decider, request: DecisionRequest): Decision {
  const pause = mostSpecific(book.pausing(request.method, request.path, request.actor), 'pause');
  return pause === null ? NOT_PAUSED : pause.rule.decision;
}

export function strictestBlock(forbidding: readonly Hit[], permitting: readonly Hit[]): Hit | null {
  const standing = forbidding.filter(
    (hit) => hit.rule.effect === 'block' && !permitting.some((permit) => isLiftedBy(hit, permit)),
  );
  // A rule that names the method tells people more than one that merely names the path.
  return (
    mostSpecific(
      standing.filter((hit) => hit.by === 'named'),
      'block',
    ) ?? mostSpecific(standing, 'block')
  );
}

function mostSpecific(hits: readonly Hit[], effect: Effect): Hit | null {
  let best: Hit | null = null;
  for (const hit of hits)
    if (hit.rule.effect === effect && (best === null || bySpecificity(hit, best) < 0)) best = hit;
  return best;
}

function builtIn(effect: Effect, reason: DecisionReason, action: string | null): Decision {
  return Object.freeze({
    effect,
    rule: null,
    reason,
    action,
    obligations: NO_OBLIGATIONS,
    background: false,
    body: DEFAULT_BODY_BYTES,
  });
}

const NOT_PAUSED = builtIn('allow', 'not_paused', null);
const VIEW_MODE = builtIn('block', 'view_mode', 'view_mode_blocked');
const OTHERWISE_READS: Readonly<Record<Otherwise['reads'], Decision>> = {
  allow: builtIn('allow', 'otherwise_reads', null),
  audit: builtIn('audit', 'otherwise_reads', 'unlisted_read'),
  block: builtIn('block', 'otherwise_reads', 'unlisted_read_blocked'),
};
const OTHERWISE_WRITES: Readonly<Record<Otherwise['writes'], Decision>> = {
  allow: builtIn('allow', 'otherwise_writes', null),
  audit: builtIn('audit', 'otherwise_writes', 'unlisted_write'),
  block: builtIn('block', 'otherwise_writes', 'unlisted_write_blocked'),
};
