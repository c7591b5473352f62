/** Proposes a rule for each route that has none; careful rather than clever, and to be read before it is used. */
import { manyInOne } from '../warnings/many-in-one.ts';
import type { SeenRoute } from './group-routes.ts';

export type Suggestion = {
  readonly id: string;
  readonly on: string;
  readonly effect: 'block' | 'confirm' | 'audit' | 'allow';
  /** Why this effect, for the end of the line. */
  readonly because: string;
  readonly routes: readonly SeenRoute[];
};

const OFF_LIMITS =
  /pass(?:word|code|phrase)|credential|secret|token|api-?keys?|2fa|mfa|totp|otp|webauthn|passkey|cards?$|payment|payout|bank|iban|wallet|charge|refund|funds?|top-?up|withdraw|transfer|subscription|deactivat|close-account|delete-account|erase|e?-?mail$|phone|preferences|consent|newsletter|roles?$|permission|admin|invite|impersonat/i;
const ENDS_IT_ALL = /^(?:delete|erase|close|terminate|deactivate|cancel)$/i;
const ACCOUNT = /^(?:me|my|self|account|profile)$/i;
const SIGN_IN = /^(?:log-?in|sign-?in|session|sessions|register|sign-?up|oauth|sso|magic-link)$/i;
const SIGN_OUT = /^(?:log-?out|sign-?out)$/i;
const ONLY_LOOKS = /^(?:search|query|preview|validate|check|estimate|quote|suggest|autocomplete|lookup)$/i;
const VERBS: Readonly<Record<string, string>> = {
  POST: 'add',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'remove',
};
const ORDER = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** Segments that say nothing about what a route is for. */
const FILLER = /^(?:api|rest|v\d+(?:\.\d+)*|:.*|me|my|self)$/i;

/** @param taken ids of the rules that exist */
export function suggestRules(routes: readonly SeenRoute[], taken: readonly string[]): readonly Suggestion[] {
  const ids = new Set(taken);
  const suggestions: Suggestion[] = [];
  for (const route of routes) {
    const { effect, because } = effectFor(route);
    const base = idFor(route);
    const same = suggestions.findIndex(
      (one) =>
        one.effect === effect && one.routes[0]?.pattern === route.pattern && stem(one.id) === stem(base),
    );
    const known = suggestions[same];
    if (known !== undefined) {
      const all = [...known.routes, route];
      const methods = all.map(({ method }) => method).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
      const on = `${methods.join('|')} ${route.pattern}`;
      suggestions[same] = { ...known, on, routes: all };
      continue;
    }
    let id = base;
    for (let number = 2; ids.has(id); number += 1) id = `${base}-${number}`;
    ids.add(id);
    suggestions.push({ id, on: `${route.method} ${route.pattern}`, effect, because, routes: [route] });
  }
  return suggestions;
}

/** As lines for the `rules:` of a policy. */
export function spellSuggestion({ id, on, effect, because }: Suggestion): string {
  return `  - id: ${id}\n    on: [${/[,[\]{}#]/.test(on) ? `'${on}'` : on}]\n    effect: ${effect} # ${because}`;
}

function effectFor({ method, pattern }: SeenRoute): Pick<Suggestion, 'effect' | 'because'> {
  const words = pattern.split('/').filter((segment) => segment !== '' && !segment.startsWith(':'));
  const last = words.at(-1) ?? '';
  const many = manyInOne(pattern);
  if (many === 'GraphQL')
    return {
      effect: 'block',
      because: 'GraphQL: then permit single operations by rules with a graphql condition',
    };
  if (many === 'batch')
    return { effect: 'block', because: 'many requests in one, so no other rule would see what is inside' };
  if (words.some((word) => SIGN_OUT.test(word)))
    return { effect: 'confirm', because: 'signing out: stop acting, or sign out entirely?' };
  if (SIGN_IN.test(last))
    return { effect: 'block', because: 'signing in would turn the session into somebody else’s' };
  if (ENDS_IT_ALL.test(last) && ACCOUNT.test(words.at(-2) ?? ''))
    return { effect: 'block', because: 'the life of the account' };
  if (words.some((word) => OFF_LIMITS.test(word)))
    return { effect: 'block', because: 'looks off-limits: credentials, money, contact or rights' };
  if (method === 'POST' && ONLY_LOOKS.test(last))
    return { effect: 'allow', because: 'if it only looks; otherwise audit' };
  return { effect: 'audit', because: 'or block, if it is off-limits' };
}

function idFor({ method, pattern }: SeenRoute): string {
  const words = pattern
    .split('/')
    .filter((segment) => segment !== '' && !FILLER.test(segment))
    .map(plainWord)
    .filter((word) => word !== '');
  const endsInId = /\/:\w+$/.test(pattern);
  const last = words.at(-1);
  const thing = words.at(-2);
  // POST /orders/:id/cancel: the last word is what is done.
  if (method === 'POST' && /\/:\w+\/[^/:]+$/.test(pattern) && last !== undefined && thing !== undefined)
    return clean(`${last}-${singular(thing)}`);
  if (method === 'POST' && last !== undefined && ENDS_IT_ALL.test(last))
    return clean(`${last}-${thing ?? 'account'}`);
  const noun = words
    .slice(-2)
    .map((word, at, all) => (endsInId || at < all.length - 1 ? singular(word) : word));
  return clean(`${VERBS[method] ?? method.toLowerCase()}-${noun.join('-') || 'root'}`);
}

function plainWord(segment: string): string {
  return segment
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

function clean(id: string): string {
  return id.slice(0, 70).replaceAll(/^[^a-z]+|-+$/g, '');
}

function singular(word: string): string {
  if (word.endsWith('ies')) return word.replace(/ies$/, 'y');
  if (['ss', 'us', 'is'].some((ending) => word.endsWith(ending))) return word;
  return /(?:x|ch|sh|ss)es$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, '');
}

function stem(id: string): string {
  return id.replace(/-\d+$/, '');
}
