/** Sees to it that the bar can be seen and pressed where it stands, whatever the page has opened or styled. */
import { goHome, moveInto, raise } from './top-layer.js';

/**
 * A modal dialog makes everything outside it inert, so while the page has one open the bar stands in it.
 * @param {HTMLElement} host
 * @param {ShadowRoot} root
 * @param {() => void} onMoved called with the bar in another place, where other things may end its being in reach
 * @returns {() => boolean} sees to it now; false where it could not be done
 */
export function createReach(host, root, onMoved) {
  /** Those of the page that are open, in the order in which they were seen first. */
  /** @type {Set<HTMLDialogElement>} */
  const modals = new Set();

  const noteModals = () => {
    for (const dialog of modals) if (!isModal(dialog)) modals.delete(dialog);
    for (const dialog of [...document.querySelectorAll('dialog'), ...dialogsAt(spotOf(root))])
      if (isModal(dialog)) modals.add(dialog);
  };

  return () => {
    // Ours stand above everything; the page is not to be used meanwhile.
    if (root.querySelector('dialog[open]')) return true;
    noteModals();
    const inModal = host.parentElement instanceof HTMLDialogElement;
    if (inModal ? isModal(host.parentElement) && inReach(host, root) : inReach(host, root)) return true;

    showRoot(host, root);
    for (const dialog of [...modals].toReversed()) {
      if (host.parentElement === dialog) raise(host);
      else moveInto(host, dialog);
      onMoved();
      if (inReach(host, root)) return true;
    }
    if (host.parentNode === document.documentElement) raise(host);
    else goHome(host);
    return inReach(host, root);
  };
}

/** Whether a press in the middle of the way out, or of the bar where it has none, reaches our element. */
function inReach(/** @type {HTMLElement} */ host, /** @type {ShadowRoot} */ root) {
  if (!root.querySelector('.bar:not([hidden])')) return true;
  const spot = spotOf(root);
  const tree = host.getRootNode();
  if (!spot || !(tree instanceof Document || tree instanceof ShadowRoot)) return false;
  return tree.elementFromPoint(spot.x, spot.y) === host;
}

function spotOf(/** @type {ShadowRoot} */ root) {
  const part = root.querySelector('.acting button') ?? root.querySelector('.bar:not([hidden])');
  if (!part) return null;
  const { x, y, width, height } = part.getBoundingClientRect();
  return width > 0 && height > 0 ? { x: x + width / 2, y: y + height / 2 } : null;
}

function isModal(/** @type {Element | null} */ dialog) {
  return dialog !== null && dialog.isConnected && dialog.matches(':modal');
}

/**
 * Dialogs in shadow roots of the page: what cannot be found by looking for it stands at the bar's place instead.
 * @param {{ x: number, y: number } | null} spot
 * @returns {HTMLDialogElement[]}
 */
function dialogsAt(spot) {
  const found = [];
  for (let at = spot && deepestAt(document, spot); at; at = parentOf(at))
    if (at instanceof HTMLDialogElement) found.push(at);
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
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Nothing stands in the top layer of a page whose root is not rendered, and nothing inert can be pressed. */
function showRoot(/** @type {HTMLElement} */ host, /** @type {ShadowRoot} */ root) {
  const { documentElement } = document;
  if (!root.querySelector('.bar:not([hidden])')) return;
  documentElement.inert = false;
  documentElement.style.setProperty('interactivity', 'auto', 'important');
  if (host.parentNode !== documentElement || host.checkVisibility()) return;
  documentElement.style.setProperty('display', 'block', 'important');
  documentElement.style.setProperty('content-visibility', 'visible', 'important');
}
