/** Finds rules that collide: two of one id, or two that name the very same method and path. Takes rules of any shape. */
import { foldText } from '../path/confusable.ts';
import { readRoute, type Route } from './route-pattern.ts';

export type Clash = { readonly path: readonly (string | number)[]; readonly message: string };

const CONDITIONS = ['actors', 'subjects', 'market', 'mode', 'query', 'header', 'body', 'graphql'];

type Owner = { readonly index: number; readonly name: string };

export function findClashes(rules: unknown): readonly Clash[] {
  const found: Clash[] = [];
  const ids = new Set<string>();
  const routes = new Map<string, Owner>();
  for (const [index, rule] of listOf(rules).entries()) {
    const id = textIn(rule, 'id');
    if (id !== null && ids.has(id))
      found.push({ path: [index, 'id'], message: `another rule is called "${id}" already` });
    if (id !== null) ids.add(id);
    const owner = { index, name: id ?? `rules[${index}]` };
    for (const [place, written] of listOf(fieldOf(rule, 'on')).entries()) {
      const route = routeOf(written);
      // The same route may be decided one way for some requests and another way for others.
      const asked = CONDITIONS.map((key) => fieldOf(rule, key) ?? null);
      const who = `${textIn(rule, 'while') ?? 'acting'} ${JSON.stringify(asked)}`;
      const taken = route === null ? null : claim(routes, who, route, owner);
      if (taken !== null) found.push({ path: [index, 'on', place], message: taken });
    }
  }
  return found;
}

function claim(routes: Map<string, Owner>, who: string, route: Route, claimant: Owner): string | null {
  const shape = route.pattern.segments
    .map((segment) => (segment.kind === 'literal' ? `=${foldText(segment.text)}` : segment.kind))
    .join('/');
  let taken: string | null = null;
  for (const method of route.methods ?? ['ANY']) {
    const key = `${who} ${method} ${shape}`;
    const owner = routes.get(key);
    if (owner === undefined) routes.set(key, claimant);
    else if (owner.index === claimant.index) taken = 'this rule names that route twice';
    else taken = `rule "${owner.name}" names this route already`;
  }
  return taken;
}

/** As read already where its rule is sound, as text where it is not. */
function routeOf(written: unknown): Route | null {
  if (isRoute(written)) return written;
  const reading = typeof written === 'string' ? readRoute(written) : null;
  return reading?.ok === true ? reading.route : null;
}

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'pattern' in value && 'methods' in value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return isMapping(value) ? value[key] : undefined;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textIn(value: unknown, key: string): string | null {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : null;
}
