/** Finds rules that collide: two of one id, or two that name the very same method and path. Takes rules of any shape. */
import { z } from 'zod';
import { foldText } from '../path/confusable.ts';
import { readRoute, type Route } from './route-pattern.ts';

export type Clash = { readonly path: readonly (string | number)[]; readonly message: string };

const routeLike = z.custom<Route>(
  (value) => z.object({ pattern: z.object({ segments: z.array(z.unknown()) }) }).safeParse(value).success,
);
const ruleLike = z.object({
  id: z.string().optional().catch(undefined),
  while: z.string().optional().catch(undefined),
  on: z.array(z.union([routeLike, z.string()]).catch('')).catch([]),
});

export function findClashes(rules: unknown): readonly Clash[] {
  const found: Clash[] = [];
  const ids = new Set<string>();
  const routes = new Map<string, string>();
  for (const [index, rule] of (Array.isArray(rules) ? rules : []).entries()) {
    const { data } = ruleLike.safeParse(rule);
    if (data === undefined) continue;
    const name = data.id ?? `rules[${index}]`;
    if (data.id !== undefined && ids.has(data.id))
      found.push({ path: [index, 'id'], message: `another rule is called "${data.id}" already` });
    ids.add(name);
    for (const [place, written] of data.on.entries()) {
      const route = typeof written === 'string' ? routeOf(written) : written;
      if (route === null) continue;
      const taken = claim(routes, `${data.while ?? 'acting'} `, route, name);
      if (taken !== null) found.push({ path: [index, 'on', place], message: taken });
    }
  }
  return found;
}

function routeOf(text: string): Route | null {
  const reading = readRoute(text);
  return reading.ok ? reading.route : null;
}

function claim(routes: Map<string, string>, side: string, route: Route, name: string): string | null {
  const shape = route.pattern.segments
    .map((segment) => (segment.kind === 'literal' ? `=${foldText(segment.text)}` : segment.kind))
    .join('/');
  let taken: string | null = null;
  for (const method of route.methods ?? ['ANY']) {
    const key = `${side}${method} ${shape}`;
    const owner = routes.get(key);
    if (owner === undefined) routes.set(key, name);
    else
      taken =
        owner === name ? 'this rule names that route twice' : `rule "${owner}" names this route already`;
  }
  return taken;
}
