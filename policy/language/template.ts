/** Text with placeholders, `Placed by {actor.name}`, read once at load and filled in per request. Literal braces are doubled. */
import { suggestWord } from '../yaml/nearest-word.ts';

export const PLACEHOLDERS = [
  'actor.id',
  'actor.name',
  'actor.first_name',
  'actor.email',
  'actor.role',
  'subject.id',
  'subject.name',
  'subject.first_name',
  'subject.email',
  'session.id',
  'market.id',
  'market.name',
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];
export type Template = readonly (string | { readonly placeholder: Placeholder })[];

export type TemplateReading =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

export function readTemplate(text: string): TemplateReading {
  const template: Template[number][] = [];
  for (const [token] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (token === '{{') template.push('{');
    else if (token === '}}') template.push('}');
    else if (token === '{' || token === '}')
      return {
        ok: false,
        message: `a single ${token} stands open`,
        hint: `double it (${token}${token}) to mean the character itself`,
      };
    else if (token.startsWith('{')) {
      const name = token.slice(1, -1);
      const placeholder = PLACEHOLDERS.find((known) => known === name);
      if (placeholder === undefined) {
        const hint = suggestWord(name, PLACEHOLDERS);
        return {
          ok: false,
          message: `unknown placeholder ${token}`,
          ...(hint === undefined ? {} : { hint }),
        };
      }
      template.push({ placeholder });
    } else template.push(token);
  }
  return { ok: true, template };
}

export function fillTemplate(template: Template, valueOf: (placeholder: Placeholder) => string): string {
  return template.map((part) => (typeof part === 'string' ? part : valueOf(part.placeholder))).join('');
}
