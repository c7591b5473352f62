/** Finds a wish for another method in a body, whoever might read it there, and the same body without it. */
import { formOverride } from './form-override.ts';
import { jsonOverride } from './json-override.ts';
import { mentionsOverride } from './mentions-override.ts';
import { multipartOverride } from './multipart-override.ts';
import { NO_OVERRIDE, UNCERTAIN, type BodyOverride } from './override-found.ts';

/** No spelling of a wish is without one of these: the word as it is, escaped, or with a NUL after each letter. */
const HINT = /m(?:\0|\\)*e(?:\0|\\)*t(?:\0|\\)*h(?:\0|\\)*o(?:\0|\\)*d|%[4-7]|%c1|%u00|\\u00/i;

export function bodyOverride(contentType: string | null, bytes: Buffer): BodyOverride {
  const text = bytes.toString('latin1');
  if (!HINT.test(text)) return NO_OVERRIDE;
  const found = overrideAsSaid(contentType, text);
  // Whatever a body says it is, the rest of it must mean nothing to those who do not believe it.
  if (found.kind === 'certain' && mentionsOverride(found.without.toString('latin1'))) return UNCERTAIN;
  return found;
}

function overrideAsSaid(contentType: string | null, text: string): BodyOverride {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') return formOverride(text);
  if (type.startsWith('multipart/')) return multipartOverride(contentType ?? '', text);
  if (type === 'application/json' || type.endsWith('+json')) return jsonOverride(text);
  return mentionsOverride(text) ? UNCERTAIN : NO_OVERRIDE;
}
