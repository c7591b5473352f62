/** Compiles one path pattern into a question about settled paths, answered loosely: for places, not for permissions. */
import { buildRouteIndex } from './compiled/route-index.ts';
import { readPattern } from './language/route-pattern.ts';
import { foldText } from './path/confusable.ts';
import { segmentsOfForm } from './path/loose-forms.ts';
import type { SettledPath } from './path.ts';

/** @throws {RangeError} for a pattern that `pathPatternSchema` refuses; check it where it is read. */
export function compilePattern(text: string): (path: SettledPath) => boolean {
  const reading = readPattern(text);
  if (!reading.ok) throw new RangeError(`${text}: ${reading.message}`);
  const index = buildRouteIndex([{ segments: reading.pattern.segments, entry: true }], foldText);
  return (path) => path.loose.some((form) => index.match(segmentsOfForm(form)).length > 0);
}
