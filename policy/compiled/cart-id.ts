/** Finds the id by which an app addresses a cart, in the path of a request, so that two spellings of one id are one. */
import { foldText } from '../path/confusable.ts';
import type { SettledPath } from '../path.ts';

/** As ids are compared: whatever spelling an app takes for the same. */
export function cartKey(id: string): string {
  return foldText(id);
}

/** The value of `:name` in a path of this pattern; null where it cannot be said for certain. */
export function cartIn(
  pattern: string,
  parameter: string,
  { segments }: Pick<SettledPath, 'segments'>,
): string | null {
  const places = pattern.split('/').slice(1);
  const at = places.indexOf(parameter);
  const many = places.indexOf('**');
  const value = segments[at];
  if (at === -1 || (many !== -1 && many < at) || value === undefined) return null;
  return cartKey(value);
}
