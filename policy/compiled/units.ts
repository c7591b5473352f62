/** What of a request is decided on: the request as a whole, or each thing that a GraphQL request asks for. */
import type { DecisionRequest } from '../decision.ts';
import { operationsOf, type GraphqlUnit } from '../graphql/operations.ts';
import { readParameters } from '../query/parameters.ts';
import { isRead } from '../is-read.ts';
import type { RuleBook } from './rule-book.ts';

/** Null is the request as a whole; `unread`, what a GraphQL request asks for while nobody can tell what that is. */
export type Unit = GraphqlUnit | 'unread' | null;

export type Units = {
  readonly units: readonly Unit[];
  readonly unread: { rule: string; why: string } | null;
};

const WHOLE: Units = { units: [null], unread: null };

export function unitsOf(book: RuleBook, request: DecisionRequest): Units {
  const rule = book.graphqlRule(request.side, request.path);
  if (rule === null) return WHOLE;
  const operations = operationsOf(readParameters(request.query), request.body);
  switch (operations.kind) {
    case 'units':
      return { units: operations.units, unread: null };
    case 'unread':
      return { units: ['unread'], unread: { rule: rule.id, why: operations.why } };
    case 'none':
      break;
  }
  if (isRead(request.method)) return WHOLE;
  return { units: ['unread'], unread: { rule: rule.id, why: 'there is no operation in it' } };
}

/** A mutation is a write even when it comes by GET; a query by POST is one until a rule permits it. */
export function writes(method: string, unit: Unit): boolean {
  if (!isRead(method)) return true;
  return unit !== null && (unit === 'unread' || unit.type === 'mutation' || unit.type === 'persisted');
}
