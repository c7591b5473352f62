/** Makes a rule's decision one about this request: placeholders filled in, escaped for where they go, secrets of the path left out. */
import type { Amendments, Decision, DecisionRequest } from '../decision.ts';
import { cartIn } from './cart-id.ts';
import { fillTemplate, type Placeholder } from '../language/template.ts';
import type { RuleRoute } from './rule.ts';

export type FillContext = {
  readonly request: DecisionRequest;
  /** The name people know a market by. */
  readonly marketName: (id: string) => string;
  /** The words of the role by which this actor may act for this subject. */
  readonly actingRole: (request: DecisionRequest) => string;
};

export const REDACTED = '[redacted]';

/** @param decision of the rule, as made in advance */
export function fillIn({ rule, route }: RuleRoute, decision: Decision, context: FillContext): Decision {
  const { amendments, secretParameters, cartParameter } = rule;
  const amends = amendments.length > 0 && decision.effect !== 'block';
  const cart =
    cartParameter === null ? null : cartIn(route.pattern.text, cartParameter, context.request.path);
  if (!amends && secretParameters.length === 0 && cart === null) return decision;
  return {
    ...decision,
    cart: cart === null || decision.effect === 'block' ? decision.cart : { id: cart },
    obligations: amends
      ? { ...decision.obligations, amend: amendmentsFor(rule, context) }
      : decision.obligations,
    recordedPath: recordedPath(route.pattern.text, secretParameters, context.request),
  };
}

function amendmentsFor({ amendments }: RuleRoute['rule'], context: FillContext): Amendments {
  const valueOf = (placeholder: Placeholder) => inOneLine(valueFor(placeholder, context));
  const filled: Record<keyof Amendments, Record<string, string>> = { json: {}, form: {}, header: {} };
  for (const { kind, place, template } of amendments) {
    const text = fillTemplate(template, valueOf);
    set(filled[kind], place, kind === 'header' ? inHeader(text) : text);
  }
  return filled;
}

const PLAIN = /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*)?$/;

/** A person could otherwise write a second line of the note by way of their name. */
function inOneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** RFC 9110 section 5.5 lets only visible ASCII and blanks stand safely; anything else, and `%`, is percent-encoded UTF-8. */
function inHeader(text: string): string {
  return inOneLine(text).replace(/[^\x20-\x24\x26-\x7e]+/gu, (run) => encodeURIComponent(run));
}

/** Defined where it must be: a field of a form may be called `__proto__`. */
function set(texts: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') Object.defineProperty(texts, name, { value, enumerable: true });
  else texts[name] = value;
}

function recordedPath(pattern: string, secrets: readonly string[], { path }: DecisionRequest): string | null {
  const places = pattern.split('/').slice(1);
  const first = places.findIndex((place) => secrets.includes(place));
  if (first === -1) return null;
  const segments = path.canonical.split('/').slice(1);
  // Spelt another way, or with a wildcard for any number of segments, what stands where is not certain.
  const certain = !places.includes('**') && segments.length === places.length;
  if (certain)
    return `/${segments.map((one, at) => (secrets.includes(places[at] ?? '') ? REDACTED : one)).join('/')}`;
  const many = places.indexOf('**');
  const from = many === -1 ? first : Math.min(first, many);
  return `/${[...segments.slice(0, path.faults.length > 0 ? 0 : from), REDACTED].join('/')}`;
}

function valueFor(placeholder: Placeholder, context: FillContext): string {
  const { request, marketName, actingRole } = context;
  const { actor, subject } = request;
  switch (placeholder) {
    case 'actor.id':
      return actor.id;
    case 'actor.name':
      return actor.name;
    case 'actor.first_name':
      return firstName(actor.name);
    case 'actor.email':
      return actor.email;
    case 'actor.role':
      return actingRole(request);
    case 'subject.id':
      return subject.id;
    case 'subject.name':
      return subject.name;
    case 'subject.first_name':
      return firstName(subject.name);
    case 'subject.email':
      return subject.email;
    case 'session.id':
      return request.sessionId ?? '';
    case 'market.id':
      return subject.market ?? '';
    case 'market.name':
      break;
  }
  return subject.market === null ? '' : marketName(subject.market);
}

function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? '';
}
