/** A wish for another method in `application/x-www-form-urlencoded`: pairs of their own are certain, anything else is not. */
import { mentionsOverride } from './mentions-override.ts';
import { isOverrideField } from './override-name.ts';
import { NO_OVERRIDE, UNCERTAIN, type BodyOverride } from './override-found.ts';

export function formOverride(text: string): BodyOverride {
  const wishes: string[] = [];
  const kept: string[] = [];
  for (const pair of text.split('&')) {
    const mark = pair.indexOf('=');
    const name = decoded(mark === -1 ? pair : pair.slice(0, mark));
    const value = decoded(mark === -1 ? '' : pair.slice(mark + 1));
    // Behind a semicolon or a line break it is another pair to some readers, and a part of this one to others.
    const plain = name !== null && value !== null && !/[;\r\n\0]/.test(pair) && /^[\x20-\x7e]*$/.test(name);
    if (plain && isOverrideField(name)) wishes.push(value);
    else kept.push(pair);
  }
  const without = kept.join('&');
  if (mentionsOverride(without)) return UNCERTAIN;
  return wishes.length === 0
    ? NO_OVERRIDE
    : { kind: 'certain', wishes, without: Buffer.from(without, 'latin1') };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
