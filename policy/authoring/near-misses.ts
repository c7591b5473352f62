/** Finds the rules that nearly decided a request and says of each, in a few words, why it did not. */
import type { RuleMatch, RuleSummary } from '../policy.ts';
import type { SettledPath } from '../path.ts';
import { readRoute, type Route } from '../language/route-pattern.ts';
import { foldText } from '../path/confusable.ts';
import { nearestWord } from '../yaml/nearest-word.ts';
import { compareToPattern } from './compare-to-pattern.ts';

/** In the order in which they are worth reading. */
const KINDS = ['condition', 'spelling', 'method', 'side', 'path'] as const;

export type NearMiss = {
  readonly rule: RuleSummary;
  /** The route of the rule that came near, as written. */
  readonly route: string;
  readonly kind: (typeof KINDS)[number];
  /** Completes "it did not decide because": `it names PUT, and this is a GET`. */
  readonly why: string;
};

export type MissQuestion = {
  readonly rules: readonly RuleSummary[];
  readonly side: 'acting' | 'assisted';
  /** Upper-case. */
  readonly method: string;
  readonly path: SettledPath;
  /** The rule that decided, which missed nothing. */
  readonly decided: string | null;
  /** The rules that do name the request; they missed nothing. */
  readonly matches: readonly RuleMatch[];
};

const MOST = 6;
const FILLER = /^(?:api|rest|v\d+(?:\.\d+)*)$/i;

export function nearMisses(question: MissQuestion): readonly NearMiss[] {
  const naming = new Set([question.decided, ...question.matches.map(({ rule }) => rule)]);
  return question.rules
    .filter(({ id }) => !naming.has(id))
    .flatMap((rule) => nearestRoute(rule, question) ?? [])
    .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
    .slice(0, MOST);
}

function nearestRoute(rule: RuleSummary, question: MissQuestion): NearMiss | null {
  const found = rule.on.flatMap((text) => {
    const reading = readRoute(text);
    return reading.ok ? (missBy(rule, reading.route, question) ?? []) : [];
  });
  return found.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))[0] ?? null;
}

function missBy(rule: RuleSummary, route: Route, question: MissQuestion): NearMiss | null {
  const { method, path, side } = question;
  const decidedAs = method === 'HEAD' ? 'GET' : method;
  const namesMethod = route.methods?.includes(decidedAs) ?? true;
  const text = `${route.methods?.join('|') ?? 'ANY'} ${route.pattern.text}`;
  const miss = (kind: NearMiss['kind'], why: string): NearMiss => ({ rule, route: text, kind, why });
  const offered = path.segments.map(foldText);
  const difference = compareToPattern(route.pattern.segments, offered);

  if (difference.kind === 'none') {
    if (rule.while !== side)
      return namesMethod
        ? miss(
            'side',
            side === 'acting'
              ? 'it is about the customer’s own requests (while: assisted)'
              : 'it is about requests of the actor, and this is the customer’s own',
          )
        : null;
    if (!namesMethod)
      return miss(
        'method',
        `it names ${route.methods?.join(', ') ?? ''}, and this is ${article(method)} ${method}`,
      );
    if (rule.conditions.length > 0)
      return miss('condition', `it holds only if ${rule.conditions.join(', and if ')}`);
    return miss(
      'spelling',
      'a rule that permits matches the path exactly as written, and this one is spelt differently',
    );
  }
  if (!namesMethod || rule.while !== side) return null;
  // Without two words in common that say something, routes are neighbours by their length alone.
  const common = route.pattern.segments.filter(
    (segment) =>
      segment.kind === 'literal' && !FILLER.test(segment.text) && offered.includes(foldText(segment.text)),
  ).length;
  switch (difference.kind) {
    case 'other': {
      const { expected, found } = difference;
      const slip = nearestWord(found, [foldText(expected)]) !== null;
      if (!slip && common < 2) return null;
      return miss('path', `its path has "${expected}" where this one has "${found}"`);
    }
    case 'missing':
      if (difference.expected !== ':id' && common === 0) return null;
      return miss('path', `its path has "${difference.expected}" besides`);
    case 'extra':
      return miss('path', `this path has "${difference.found}" besides`);
    case 'far':
      break;
  }
  return null;
}

function article(method: string): string {
  return /^[AEIOU]/.test(method) ? 'an' : 'a';
}
