/** Which routes that change something does no rule of a policy name? */
import { buildRouteIndex } from '../../compiled/route-index.ts';
import { readRoute, type Route } from '../../language/route-pattern.ts';
import { foldText } from '../../path/confusable.ts';
import type { Policy, RuleSummary } from '../../policy.ts';
import { settlePath } from '../../settle-path.ts';
import { isRead } from '../../is-read.ts';
import { groupRoutes, type SeenRoute } from './group-routes.ts';
import type { SeenRequest } from './seen-request.ts';

export type Coverage = {
  /** How many different routes that change something were seen. */
  readonly writes: number;
  readonly unnamed: readonly SeenRoute[];
};

/** What the gateway answers itself never reaches a rule. */
const OURS = /^\/(?:_act-as|admin\/impersonation-audit)(?:\/|$)/;

export function findUnnamed(policy: Policy, seen: readonly SeenRequest[]): Coverage {
  const writes = groupRoutes(
    seen.filter(({ method, path }) => !isRead(method) && method !== 'TRACE' && !OURS.test(path)),
  );
  const isNamed = namer(policy.rules);
  return { writes: writes.length, unnamed: writes.filter((route) => !isNamed(route)) };
}

type Filed = { readonly rule: RuleSummary; readonly route: Route };

function namer(rules: readonly RuleSummary[]): (route: SeenRoute) => boolean {
  const filed = rules
    .filter((rule) => rule.while === 'acting')
    .flatMap((rule) =>
      rule.on.flatMap((text): Filed[] => {
        const reading = readRoute(text);
        return reading.ok ? [{ rule, route: reading.route }] : [];
      }),
    );
  const filings = filed.map((entry) => ({ segments: entry.route.pattern.segments, entry }));
  const loosely = buildRouteIndex(filings, foldText);
  const exactly = buildRouteIndex(filings, (literal) => literal);
  return ({ method, example }) => {
    // A parameter stands for any text; one that no rule spells out will do.
    const { segments } = settlePath(example.replaceAll(/:[A-Za-z_]\w*/g, 'some-id-0'));
    const forbids = loosely
      .match(segments.map(foldText))
      .some(
        ({ rule, route }) => rule.effect === 'block' || (rule.effect === 'confirm' && names(route, method)),
      );
    const permits = () =>
      exactly.match(segments).some(({ rule, route }) => rule.effect !== 'block' && names(route, method));
    return forbids || permits();
  };
}

function names({ methods }: Route, method: string): boolean {
  return methods === null || methods.includes(method);
}
