/** Lists every rule that names a request, for people who ask why: strictest first, then the most specific. */
import type { DecisionRequest, Effect } from '../decision.ts';
import type { RuleMatch } from '../policy.ts';
import { bySpecificity, type Hit, isLiftedBy, type RuleBook } from './rule-book.ts';

const STRICTNESS: readonly Effect[] = ['block', 'pause', 'confirm', 'audit', 'allow'];

export function matchesOf(book: RuleBook, request: DecisionRequest): readonly RuleMatch[] {
  const { side, method, path, actor } = request;
  if (side === 'assisted')
    return book
      .pausing(method, path, actor)
      .toSorted(bySpecificity)
      .map((hit) => matchOf(hit, hit.by));
  const permitting = book.permitting(method, path, actor);
  return [...book.forbidding(method, path, actor), ...permitting]
    .toSorted(
      (a, b) => STRICTNESS.indexOf(a.rule.effect) - STRICTNESS.indexOf(b.rule.effect) || bySpecificity(a, b),
    )
    .map((hit) => matchOf(hit, permitting.some((permit) => isLiftedBy(hit, permit)) ? 'lifted' : hit.by));
}

function matchOf({ rule, route }: Hit, how: RuleMatch['how']): RuleMatch {
  const { methods, pattern } = route.route;
  return { rule: rule.id, effect: rule.effect, route: `${methods?.join('|') ?? 'ANY'} ${pattern.text}`, how };
}
