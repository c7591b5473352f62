/**
 * The routes a rule names: `PUT /api/cart/items/:id`. A pattern knows literal segments, `:name` and `*` for exactly one
 * segment and `**` for any number of them, none included. Nothing else: globs know more than authors expect.
 */
import { nearestWord } from '../yaml/nearest-word.ts';

export type PatternSegment =
  { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' } | { readonly kind: 'many' };

export type RoutePattern = {
  /** As written, without the methods. */
  readonly text: string;
  readonly segments: readonly PatternSegment[];
};

export type Route = {
  /** Upper-case; null stands for every method. */
  readonly methods: readonly string[] | null;
  readonly pattern: RoutePattern;
};

export type RouteReading =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const MOST_MANY = 2;

export function readRoute(text: string): RouteReading {
  const parts = /^(\S+) +(\S+)$/.exec(text.trim());
  if (parts?.[1] === undefined || parts[2] === undefined)
    return bad(`"${text}" is not a route`, 'write METHOD /path, for instance PUT /api/password');
  const methods = readMethods(parts[1]);
  if (!methods.ok) return methods;
  const pattern = readPattern(parts[2]);
  return pattern.ok ? { ok: true, route: { methods: methods.methods, pattern: pattern.pattern } } : pattern;
}

type Bad = { readonly ok: false; readonly message: string; readonly hint?: string };
type MethodsReading = { readonly ok: true; readonly methods: readonly string[] | null } | Bad;

function readMethods(text: string): MethodsReading {
  if (text === 'ANY') return { ok: true, methods: null };
  if (text === '*') return bad('a method cannot be *', 'write ANY for every method');
  if (text.includes(',')) return bad('methods are separated by |', `write ${text.replaceAll(',', '|')}`);
  const methods = text.split('|');
  for (const method of methods) {
    if (method === 'HEAD') return bad('HEAD is always decided as GET', 'write GET');
    if (METHODS.includes(method)) continue;
    const near = nearestWord(method, [...METHODS, 'ANY']);
    return bad(
      `"${method}" is not a method`,
      near === null ? `known are ${METHODS.join(', ')} and ANY` : `did you mean "${near}"?`,
    );
  }
  return { ok: true, methods: [...new Set(methods)] };
}

type PatternReading = { readonly ok: true; readonly pattern: RoutePattern } | Bad;

export function readPattern(text: string): PatternReading {
  if (!text.startsWith('/')) return bad(`"${text}" must start with /`);
  if (text === '/') return { ok: true, pattern: { text, segments: [] } };
  if (text.endsWith('/'))
    return bad('a path must not end with /', `write ${text.replace(/\/+$/, '') || '/'}`);
  const segments: PatternSegment[] = [];
  for (const part of text.slice(1).split('/')) {
    const segment = readSegment(part);
    if (typeof segment === 'string') return bad(segment);
    if (segment.kind === 'many' && segments.at(-1)?.kind === 'many')
      return bad('** after ** says nothing more', 'write it once');
    segments.push(segment);
  }
  if (segments.filter((segment) => segment.kind === 'many').length > MOST_MANY)
    return bad(`a path may hold ** at most ${MOST_MANY} times`);
  return { ok: true, pattern: { text, segments } };
}

function readSegment(part: string): PatternSegment | string {
  if (part === '') return 'a path must not hold an empty segment (//)';
  if (part === '.' || part === '..') return `a path must not hold the segment "${part}"`;
  if (part === '**') return { kind: 'many' };
  if (part === '*' || /^:[A-Za-z_]\w*$/.test(part)) return { kind: 'one' };
  if (part.startsWith(':'))
    return `"${part}" is not a parameter; one is : and a name of letters, digits and _`;
  if (part.includes('*')) return `"${part}" mixes * with text; * and ** stand for whole segments only`;
  if (part.endsWith('.')) return `the segment "${part}" must not end with a dot`;
  const odd = /[^\p{L}\p{M}\p{N}\-._~@$+,=]/u.exec(part)?.[0];
  if (odd !== undefined)
    return `"${odd}" has no meaning in a path; only letters, digits, - . _ ~ @ $ + , = and the wildcards :name, * and ** have`;
  return { kind: 'literal', text: part.normalize('NFC') };
}

function bad(message: string, hint?: string): Bad {
  return hint === undefined ? { ok: false, message } : { ok: false, message, hint };
}
