/** The ladder of precedence: the strictest effect among all rules that name a request wins, never their order in the file. */
import type { Decision, DecisionRequest, Effect } from '../decision.ts';
import {
  missedBy,
  notLocked,
  NOT_PAUSED,
  OTHERWISE_READS,
  OTHERWISE_WRITES,
  type Otherwise,
  unreadOperations,
  VIEW_MODE,
} from './built-in.ts';
import { couldHold } from './conditions.ts';
import { stricter } from '../stricter.ts';
import { fillIn, type FillContext } from './fill-in.ts';
import { closestMiss, holding } from './permits.ts';
import { bySpecificity, type Hit, isLiftedBy, type RuleBook } from './rule-book.ts';
import { type Unit, unitsOf, writes } from './units.ts';

export type Decider = Omit<FillContext, 'request'> & {
  readonly book: RuleBook;
  readonly otherwise: Otherwise;
};

/** Total: every request has a decision. The caller refuses what could not be settled; here it is permitted by no rule. */
export function decide(decider: Decider, request: DecisionRequest): Decision {
  return request.side === 'acting' ? decideActing(decider, request) : decideAssisted(decider, request);
}

/** What a GraphQL request asks for is decided one by one, and the strictest of these decisions is the request's. */
function decideActing(decider: Decider, request: DecisionRequest): Decision {
  const { units, unread } = unitsOf(decider.book, request);
  if (unread !== null) return decideUnread(decider, request, unread);
  let strictest: Decision | null = null;
  for (const unit of units) {
    const decision = decideUnit(decider, request, unit);
    strictest = strictest === null ? decision : stricter(strictest, decision);
  }
  return strictest ?? decideUnit(decider, request, null);
}

function decideUnit(decider: Decider, request: DecisionRequest, unit: Unit): Decision {
  const decision = concludeUnit(decider, request, unit);
  if (request.locked !== false || (decision.effect !== 'audit' && decision.effect !== 'allow'))
    return decision;
  // Two writers in one cart: the actor asks for it first.
  const pause = mostSpecific(
    possible(decider.book.pausing(request.method, request.path), request, unit),
    'pause',
  );
  return pause === null ? decision : notLocked(pause.rule.id);
}

function concludeUnit(decider: Decider, request: DecisionRequest, unit: Unit): Decision {
  const { book, otherwise } = decider;
  const { method, path } = request;
  const changes = writes(method, unit);
  const named = book.permitting(method, path);
  const permitting = holding(named, request, unit);
  const forbidding = possible(book.forbidding(method, path, changes), request, unit);
  const by = (hit: Hit): Decision => fillIn(hit, hit.rule.decision, { ...decider, request });

  // Blocked means the path: every method that could write, unless a permit names that method there.
  const block = strictestBlock(forbidding, permitting);
  if (block !== null) return by(block);

  // A question comes before everything that would forward.
  const confirm = mostSpecific(forbidding, 'confirm');
  if (confirm !== null) return by(confirm);

  const permit = mostSpecific(permitting, 'audit') ?? mostSpecific(permitting, 'allow');

  // Who may only look does not write, whatever a rule permits.
  if (request.mode === 'view' && changes && permit?.rule.reads !== true) return VIEW_MODE;
  if (permit !== null) return request.mode === 'view' ? onlyLooking(permit.rule, by(permit)) : by(permit);

  // Nobody can look into a persisted query, so only a rule that lists it permits it.
  if (unit !== null && unit !== 'unread' && unit.type === 'persisted')
    return unreadOperations(
      book.graphqlRule(request.side, path)?.id ?? '',
      'no rule lists this persisted query',
    );

  // What a rule names and does not permit is no unknown write: `otherwise` has no say in it.
  const missed = changes ? closestMiss(named, request, unit) : null;
  if (missed !== null)
    return fillIn(missed.hit, missedBy(missed.hit.rule, missed.miss), { ...decider, request });

  return changes ? OTHERWISE_WRITES[otherwise.writes] : OTHERWISE_READS[otherwise.reads];
}

/** What the browser sends over a WebSocket may change anything. */
function onlyLooking({ reads }: Hit['rule'], decision: Decision): Decision {
  const { webSocket } = decision;
  if (webSocket === null || webSocket.messages === 'from_app' || reads) return decision;
  return { ...decision, webSocket: { ...webSocket, messages: 'from_app' } };
}

/** Rules that forbid say better what was tried; otherwise the operations themselves are what is wrong. */
function decideUnread(
  decider: Decider,
  request: DecisionRequest,
  { rule, why }: { readonly rule: string; readonly why: string },
): Decision {
  const hits = decider.book.forbidding(request.method, request.path, true);
  const block = strictestBlock(
    possible(hits, request, 'unread').filter((hit) => (hit.rule.conditions?.graphql ?? null) === null),
    [],
  );
  return block === null
    ? unreadOperations(rule, why)
    : fillIn(block, block.rule.decision, { ...decider, request });
}

function decideAssisted(decider: Decider, request: DecisionRequest): Decision {
  const named = decider.book.pausing(request.method, request.path);
  if (named.length === 0 || request.locked === false) return NOT_PAUSED;
  const { units } = unitsOf(decider.book, request);
  const pausing = units.flatMap((unit) => possible(named, request, unit));
  const pause = mostSpecific(pausing, 'pause');
  return pause === null ? NOT_PAUSED : fillIn(pause, pause.rule.decision, { ...decider, request });
}

/** Those of the hits whose conditions some lenient reader could see fulfilled. */
export function possible(hits: readonly Hit[], request: DecisionRequest, unit: Unit): readonly Hit[] {
  return hits.every((hit) => hit.rule.conditions === null)
    ? hits
    : hits.filter((hit) => couldHold(hit.rule.conditions, request, asSeenBy(hit, unit)));
}

/**
 * A rule that pauses and lists no persisted queries cannot tell what one does. A rule that blocks need not: what no
 * permit lists is refused anyway.
 */
function asSeenBy({ rule }: Hit, unit: Unit): Unit {
  const blind = rule.side === 'assisted' && rule.conditions?.graphql?.persisted === undefined;
  return blind && unit !== null && unit !== 'unread' && unit.type === 'persisted' ? 'unread' : unit;
}

export function strictestBlock(forbidding: readonly Hit[], permitting: readonly Hit[]): Hit | null {
  if (forbidding.length === 0) return null;
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
