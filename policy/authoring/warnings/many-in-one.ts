/** Finds permits of routes through which an app does many things at once: GraphQL, RPC, batches. */
import { writesOf } from './methods.ts';
import type { NamedRoute } from './named-routes.ts';
import { placeOf } from './overruled.ts';
import type { Finding } from './warning.ts';

const GRAPHQL = /^(?:graphql|gql|graph)$/i;
const MANY = /^(?:\$?batch|_?bulk|_msearch|json-?rpc|xml-?rpc|rpc|trpc|multi)$/i;

/** What such a route is called, or null for any other route. */
export function manyInOne(path: string): 'GraphQL' | 'batch' | null {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => GRAPHQL.test(segment))) return 'GraphQL';
  return segments.some((segment) => MANY.test(segment)) ? 'batch' : null;
}

export function findManyInOne(all: readonly NamedRoute[]): readonly Finding[] {
  return all.flatMap((named) => {
    const { rule, route } = named;
    if (rule.while !== 'acting' || (rule.effect !== 'audit' && rule.effect !== 'allow')) return [];
    // A rule that looks into the request says what it permits.
    if (rule.graphql !== undefined) return [];
    const kind = manyInOne(route.pattern.text);
    if (kind === null || writesOf(route).length === 0) return [];
    if (kind === 'batch' && rule.body !== undefined) return [];
    return [
      {
        code: 'many_in_one',
        path: placeOf(named),
        message: `${named.text} looks like a ${kind} route: rule "${rule.id}" permits everything that the app does through it, what other rules block among it`,
        hint:
          kind === 'GraphQL'
            ? 'say which operations are meant (graphql: { … }), and block the route for all others'
            : 'block it, or say with a body condition which requests are meant',
      },
    ];
  });
}
