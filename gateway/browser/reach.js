/** Sees to it that the bar can be seen and pressed where it stands, whatever the page has opened or styled. */
import { plainDocument, parentElementOf, shadowRootAround } from './plain-document.js';
import { goHome, moveInto, raise } from './top-layer.js';

/**
 * A modal dialog makes everything outside it inert, and so does, in some browsers, what fills the screen; while the
 * page has one the bar stands in it.
 * @param {HTMLElement} host
 * @param {ShadowRoot} root
 * @returns {() => boolean} sees to it now; false where it could not be done
 */
export function createReach(host, root) {
  /** In the order in which they were seen first. */
  /** @type {Set<Element>} */
  const uppermost = new Set();

  const noteUppermost = () => {
    for (const element of uppermost) if (!isUppermost(element)) uppermost.delete(element);
    for (const element of [...plainDocument.querySelectorAll(UPPERMOST), ...ancestorsAt(spotOf(root))])
      if (isUppermost(element) && element !== plainDocument.documentElement) uppermost.add(element);
  };

  return () => {
    // Ours stand above everything; the page is not to be used meanwhile.
    if (root.querySelector('dialog[open]')) return true;
    noteUppermost();
    if (inReach(host, root)) return true;

    showRoot(host, root);
    for (const element of [...uppermost].toReversed()) {
      if (host.parentElement === element) raise(host);
      else moveInto(host, element);
      if (inReach(host, root)) return true;
    }
    if (host.parentNode === plainDocument.documentElement) raise(host);
    else goHome(host);
    return inReach(host, root);
  };
}

const UPPERMOST = ':modal, :fullscreen';

/** Whether only what is in it can be used. */
export function isUppermost(/** @type {Element | null} */ element) {
  return element !== null && element.isConnected && Element.prototype.matches.call(element, UPPERMOST);
}

/** Whether a press in the middle of the way out, or of the bar where it has none, reaches our element. */
function inReach(/** @type {HTMLElement} */ host, /** @type {ShadowRoot} */ root) {
  if (!root.querySelector('.bar:not([hidden])')) return true;
  const spot = spotOf(root);
  if (!spot || !host.isConnected) return false;
  return (shadowRootAround(host) ?? plainDocument).elementFromPoint(spot.x, spot.y) === host;
}

function spotOf(/** @type {ShadowRoot} */ root) {
  const part =
    root.querySelector('.acting > [data-part=stop] button') ?? root.querySelector('.bar:not([hidden])');
  if (!part) return null;
  const { x, y, width, height } = part.getBoundingClientRect();
  return width > 0 && height > 0 ? { x: x + width / 2, y: y + height / 2 } : null;
}

/**
 * In shadow roots of the page, what cannot be found by looking for it stands at the bar's place instead.
 * @param {{ x: number, y: number } | null} spot
 * @returns {Element[]}
 */
function ancestorsAt(spot) {
  const found = [];
  for (let at = spot && deepestAt(plainDocument, spot); at; at = parentOf(at)) found.push(at);
  return found;
}

/** @param {Document | ShadowRoot} tree @param {{ x: number, y: number }} spot @returns {Element | null} */
function deepestAt(tree, { x, y }) {
  const hit = tree.elementFromPoint(x, y);
  const inside = hit?.shadowRoot;
  return inside && inside !== tree ? (deepestAt(inside, { x, y }) ?? hit) : hit;
}

/** @param {Element} element @returns {Element | null} */
function parentOf(element) {
  return parentElementOf(element) ?? shadowRootAround(element)?.host ?? null;
}

/** Nothing stands in the top layer of a page whose root is not rendered, and nothing inert can be pressed. */
function showRoot(/** @type {HTMLElement} */ host, /** @type {ShadowRoot} */ root) {
  const { documentElement } = plainDocument;
  if (!root.querySelector('.bar:not([hidden])')) return;
  documentElement.inert = false;
  documentElement.style.setProperty('interactivity', 'auto', 'important');
  if (host.parentNode !== documentElement || host.checkVisibility()) return;
  documentElement.style.setProperty('display', 'block', 'important');
  documentElement.style.setProperty('content-visibility', 'visible', 'important');
}
