/** Reads `application/x-www-form-urlencoded` as browsers write it; anything looser is a fault. */
import { collectFields } from './field-names.ts';
import type { ParsedBody } from './parsed-body.ts';

/** Browsers encode every other character; a bare `;` separates fields for some readers, and some drop a `?` in front. */
const AS_BROWSERS_WRITE = /^(?!\?)[A-Za-z0-9*\-._+%=&~!'()$,/:?@[\]]*$/;

export function readUrlencoded(text: string): ParsedBody {
  if (!AS_BROWSERS_WRITE.test(text)) return { kind: 'unreadable', fault: 'body_not_form' };
  const collector = collectFields();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const name = decoded(mark === -1 ? pair : pair.slice(0, mark));
    const value = decoded(mark === -1 ? '' : pair.slice(mark + 1));
    const fault = name === null || value === null ? 'body_not_form' : collector.add(name, value);
    if (fault !== null) return { kind: 'unreadable', fault };
  }
  return { kind: 'form', fields: collector.fields() };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
