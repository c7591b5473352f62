/**
 * Ends what a page's style draws over it between two pages: the picture of the page before, which has no bar. Our own style
 * forbids it, and so it hardly ever begins; a page that is shown before that style is read may have begun.
 */
import { plainDocument } from './plain-document.js';

/** @returns whether there was one */
export function endTransitions() {
  let found = false;
  for (const animation of plainDocument.documentElement?.getAnimations({ subtree: true }) ?? []) {
    const { effect } = animation;
    if (!(effect instanceof KeyframeEffect) || !effect.pseudoElement?.startsWith('::view-transition'))
      continue;
    animation.cancel();
    found = true;
  }
  return found;
}
