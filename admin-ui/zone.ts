/** Which clock a reviewer's days and times are read by, and why, in words for the page. */
import type { Markets } from './deps.ts';
import type { Scope } from './scope.ts';

export type Zone = {
  /** IANA name. */
  readonly name: string;
  /** Completes "Days and times are …". */
  readonly words: string;
};

export function zoneFor(scope: Scope, chosenMarket: string, markets: Markets): Zone {
  const id = scope.kind === 'own_market' ? scope.market : chosenMarket;
  const market = markets.get(id);
  if (market) return { name: market.timezone, words: `${market.name}’s own (${readable(market.timezone)})` };
  if (id !== '') return { name: 'UTC', words: 'in UTC: no time zone is configured for this market' };
  const zones = new Set([...markets.values()].map((each) => each.timezone));
  const [only] = zones;
  if (only !== undefined && zones.size === 1)
    return { name: only, words: `every market’s own (${readable(only)})` };
  return {
    name: 'UTC',
    words: 'in UTC, because markets in several time zones are shown; choose one market to read its own',
  };
}

function readable(zone: string): string {
  return zone.replaceAll('_', ' ');
}
