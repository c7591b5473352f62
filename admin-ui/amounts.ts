/** Amounts that the record keeps in cents, as money, where the policy in force says that they are amounts. */
import type { AuditEvent } from '../audit-store/index.ts';
import { amountText, type Policy } from '../policy/index.ts';

/** The words for one fact of an event, or null where it is no amount. */
export type Amounts = (event: AuditEvent, name: string) => string | null;

export function amountsOf({ rules, settings }: Pick<Policy, 'rules' | 'settings'>): Amounts {
  const money = new Map(rules.map((rule) => [rule.id, rule.money]));
  return ({ rule, market, details }, name) => {
    const value = details[name];
    if (rule === null || typeof value !== 'number' || money.get(rule)?.includes(name) !== true) return null;
    return amountText(value, market === null ? undefined : settings.markets.get(market.id)?.currency);
  };
}
