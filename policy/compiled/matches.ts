/** Lists every rule that names a request and whose conditions hold, for people who ask why: strictest first, then the most specific. */
import type { DecisionRequest, Effect } from '../decision.ts';
import type { RuleMatch } from '../policy.ts';
import { possible } from './decide.ts';
import { holding } from './permits.ts';
import { bySpecificity, type Hit, isLiftedBy, type RuleBook } from './rule-book.ts';
import { unitsOf, writes } from './units.ts';

const STRICTNESS: readonly Effect[] = ['block', 'pause', 'confirm', 'audit', 'allow'];

export function matchesOf(book: RuleBook, request: DecisionRequest): readonly RuleMatch[] {
  const found = new Map<string, RuleMatch>();
  for (const match of unitsOf(book, request).units.flatMap((unit) => ofUnit(unit, book, request)))
    found.set(`${match.rule} ${match.route} ${match.how}`, match);
  return [...found.values()];
}

function ofUnit(unit: Parameters<typeof writes>[1], book: RuleBook, request: DecisionRequest): RuleMatch[] {
  const { side, method, path } = request;
  if (side === 'assisted')
    return possible(book.pausing(method, path), request, unit)
      .toSorted(bySpecificity)
      .map((hit) => matchOf(hit, hit.by));
  const permitting = holding(book.permitting(method, path), request, unit);
  return [...possible(book.forbidding(method, path, writes(method, unit)), request, unit), ...permitting]
    .toSorted(
      (a, b) => STRICTNESS.indexOf(a.rule.effect) - STRICTNESS.indexOf(b.rule.effect) || bySpecificity(a, b),
    )
    .map((hit) => matchOf(hit, permitting.some((permit) => isLiftedBy(hit, permit)) ? 'lifted' : hit.by));
}

function matchOf({ rule, route: { methods, pattern } }: Hit, how: RuleMatch['how']): RuleMatch {
  return { rule: rule.id, effect: rule.effect, route: `${methods?.join('|') ?? 'ANY'} ${pattern.text}`, how };
}
