/** Finds the allowed word that a misspelt one was probably meant to be, and says so. */
import { distance } from 'fastest-levenshtein';

/** Null when nothing is near enough to be a likely slip of the fingers. */
export function nearestWord(word: string, allowed: readonly string[]): string | null {
  const typed = fold(word);
  let best: { readonly word: string; readonly far: number } | null = null;
  for (const candidate of allowed) {
    const far = distance(typed, fold(candidate));
    if (best === null || far < best.far) best = { word: candidate, far };
  }
  if (best === null) return null;
  const longest = Math.max(word.length, best.word.length);
  const tolerated = longest < 3 ? 0 : longest < 5 ? 1 : longest < 9 ? 2 : 3;
  return best.far <= tolerated || isSwap(typed, fold(best.word)) ? best.word : null;
}

/** Two neighbours the wrong way round are one slip, though two letters differ. */
function isSwap(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a.slice(0, at) + (a[at + 1] ?? '') + (a[at] ?? '') + a.slice(at + 2) === b;
}

/** `did you mean "effect"?`, or the allowed words when none is near and they are few. */
export function suggestWord(word: string, allowed: readonly string[]): string | undefined {
  const near = nearestWord(word, allowed);
  if (near !== null) return `did you mean "${near}"?`;
  return allowed.length > 0 && allowed.length <= 20 ? `allowed here: ${allowed.join(', ')}` : undefined;
}

function fold(word: string): string {
  return word.slice(0, 60).toLowerCase().replaceAll('-', '_');
}
