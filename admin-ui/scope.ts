/** The one place that decides which markets' rows a reviewer gets; every read of the record goes through it. */
import type { AuditFilter } from '../audit-store/index.ts';
import type { Person } from '../policy/index.ts';
import type { ReviewerAnswer } from './deps.ts';

export type Scope = { readonly person: Person } & (
  { readonly kind: 'every_market' } | { readonly kind: 'own_market'; readonly market: string }
);

/** A reviewer of their own market who has none may see nothing, rather than everything: null. */
export function scopeOf(answer: ReviewerAnswer & { kind: 'reviewer' }): Scope | null {
  const { person, sees } = answer;
  if (sees === 'every_market') return { kind: 'every_market', person };
  return person.market ? { kind: 'own_market', person, market: person.market } : null;
}

/** The filter with the reviewer's own market forced into it, whatever was asked for. */
export function within(scope: Scope, filter: AuditFilter): AuditFilter {
  return scope.kind === 'every_market' ? filter : { ...filter, market: scope.market };
}

/** What belongs to no market is for those who see every market. */
export function maySee(scope: Scope, market: { readonly id: string } | null): boolean {
  return scope.kind === 'every_market' || scope.market === market?.id;
}
