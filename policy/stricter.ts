/** Which of two decisions about one request counts, where it could be read in two ways. */
import type { Decision, Effect } from './decision.ts';

const STRICTEST_FIRST: readonly Effect[] = ['block', 'pause', 'confirm', 'audit', 'allow'];

/** The first, unless the second is stricter. */
export function stricter(first: Decision, second: Decision): Decision {
  return STRICTEST_FIRST.indexOf(second.effect) < STRICTEST_FIRST.indexOf(first.effect) ? second : first;
}
